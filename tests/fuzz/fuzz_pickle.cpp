// Any bytes as a pickle, as the pickle inside a good archive, and as a whole checkpoint of either container:
// the tensors can be read and have the bytes of their shapes, or the bytes are refused with an Error.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "weights/storage.h"
#include "weights/torch_checkpoint.h"
#include "weights/zip_writer.h"

namespace {

void read_all(std::string_view bytes) {
  try {
    const kizu::TorchCheckpoint checkpoint(bytes, "fuzz");
    std::size_t total = 0;
    for (const auto& [name, info] : checkpoint.tensors()) {
      const auto size = static_cast<std::size_t>(kizu::elements_of(info)) * kizu::size_of(info.dtype);
      if ((total += size) > (64u << 20)) break;
      if (checkpoint.read(name).bytes.size() != size) std::abort();
    }
  } catch (const kizu::Error&) {
  }
}

void look_at_all_values(std::string_view bytes) {
  try {
    const kizu::Pickle pickle(bytes, "fuzz");
    if (pickle.size() > bytes.size() || pickle.root() >= pickle.count()) std::abort();
    const kizu::TorchValues values(pickle, "fuzz");
    for (kizu::Pickle::Id id = 0; id < pickle.count(); id++) {
      for (const auto item : pickle.at(id).items)
        if (item >= pickle.count()) std::abort();
      try {
        values.storage(id);
        values.tensor(id, "it");
      } catch (const kizu::Error&) {
      }
    }
  } catch (const kizu::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  look_at_all_values(bytes);
  read_all(bytes);
  read_all(kizu::zip_of({{"a/data.pkl", bytes},
                         {"a/data/0", std::string(64, '\1')},
                         {"a/data/1", std::string(8, '\2')},
                         {"a/version", "3\n"}}));
  return 0;
}
