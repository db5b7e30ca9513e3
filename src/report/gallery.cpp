#include "report/gallery.h"

#include <algorithm>
#include <cmath>

#include "core/utf8.h"
#include "image/transform.h"
#include "report/html.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

constexpr int kWholeSide = 190, kCloseSide = 300;

double number(const Json& object, const char* key, double otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

}  // namespace

std::vector<std::size_t> evenly(std::size_t n, std::size_t most) {
  std::vector<std::size_t> out;
  const std::size_t take = std::min(n, most);
  for (std::size_t i = 0; i < take; i++)
    out.push_back(take == 1 ? 0 : (i * (n - 1) + (take - 1) / 2) / (take - 1));
  return out;
}

std::string defect_figure(const fs::path& photo, const fs::path& mask, const std::string& what,
                          const std::string& caption) {
  const std::optional<Image> image = load_image(photo);
  const std::optional<Mask> truth = load_mask(mask);
  std::string out = "<figure class=\"item\">";
  if (!image || !truth || image->width != truth->width || image->height != truth->height) {
    out += note(image ? "Its mask is not to be found." : "The picture is not to be found.");
  } else {
    const Box box = surroundings(*truth, 1.7, 40);
    const Image whole = scaled(*image, kWholeSide), close = scaled(crop(*image, box), kCloseSide);
    const int percent =
        static_cast<int>(std::lround(100.0 * kCloseSide / std::max(box.width(), box.height())));
    out += "<span class=\"panes\">" +
           to_html({whole, frame(box, *image, whole.width, whole.height), "", what + ", whole photo"}) +
           to_html({close, outline(crop(*truth, box), close.width, close.height), "",
                    what + ", the defect enlarged to " + std::to_string(percent) + " %, its mask outlined"}) +
           "</span>";
  }
  return out + "<figcaption>" + caption + "</figcaption></figure>\n";
}

fs::path pair_file(const Record& record, const Pair& pair, const std::string& name) {
  const fs::path pairs = record.folder / "pairs", type = fs::u8path(pair.type);
  return find_file({pairs, pairs / type, pairs / "dropped", pairs / "dropped" / type, record.folder}, name);
}

std::string origin_text(const Json& origin) {
  if (!origin.is_object()) return "";
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (const auto shot = origin.find("shot"); shot != origin.end() && shot->is_string())
    add("from " + utf8(fs::u8path(shot->get<std::string>()).filename()));
  const auto flip = origin.find("flip");
  if (flip != origin.end() && flip->is_string() && *flip != "none") add("mirrored");
  if (const double angle = number(origin, "angle", 0); angle != 0) add("turned " + fixed(angle, 0) + "°");
  if (const double scale = number(origin, "scale", 1); scale != 1) add("×" + fixed(scale, 2));
  if (number(origin, "elastic", 0) != 0) add("bent");
  return out;
}

}  // namespace kizu::report
