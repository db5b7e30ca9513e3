#include "study/claimed_folder.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"

namespace kizu::study {

void claim_folder(const std::filesystem::path& out, const std::string& what,
                  const std::filesystem::path& data) {
  const auto file = out / "settings.json";
  const Json settings = {{what + "_of", utf8(data)}};
  if (std::filesystem::exists(file)) {
    if (read_json(file) == settings) return;
    throw Error(out.string() + ": this folder belongs to other photos; choose another --out");
  }
  if (std::filesystem::exists(out) && !std::filesystem::is_empty(out))
    throw Error(out.string() + ": the folder is not empty and not a " + what +
                " of kizu; choose another --out");
  make_folders(out);
  write_json(file, settings);
}

}  // namespace kizu::study
