#include <algorithm>
#include <map>

#include "image/transform.h"
#include "report/gallery.h"
#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

constexpr int kSide = 280;
constexpr std::size_t kMisses = 8, kChanges = 4;
constexpr double kVisibleChange = 0.02;  // of a photo's pixel AP

const ScoredPhoto* find_photo(const Arm& arm, const std::string& name) {
  if (!arm.evaluation) return nullptr;
  for (const ScoredPhoto& photo : arm.evaluation->scored)
    if (photo.photo == name) return &photo;
  return nullptr;
}

/// The part of a photo that is looked at, with its true outline.
struct View {
  Box box;
  Image shown;
  std::string drawing;
};

/// A good photo is shown whole; a defect with what is around it, at least half of the photo.
View view_of(const Image& image, const std::optional<Mask>& mask) {
  View view{{0, 0, image.width, image.height}, {}, ""};
  if (mask) view.box = surroundings(*mask, 2.5, std::max(image.width, image.height) / 2);
  view.shown = scaled(crop(image, view.box), kSide);
  if (mask) view.drawing = outline(crop(*mask, view.box), view.shown.width, view.shown.height);
  return view;
}

/// The heat map of one arm over the photo; a remark where there is none.
std::string heat_pane(const Record& record, const Arm& arm, const Image& image, const View& view,
                      const std::string& name) {
  const ScoredPhoto* photo = find_photo(arm, name);
  const fs::path folder = record.folder / ("evaluation-" + arm.key);
  const auto map =
      photo ? load_image(find_file({folder, folder / "maps", record.folder}, photo->map)) : std::nullopt;
  if (!map || map->width != image.width || map->height != image.height)
    return "<span class=\"pane\"><small><b>" + arm.name + "</b>: no heat map</small></span>";
  const std::string score = "photo score " + fixed(photo->image_score);
  const std::string ap = photo->pixel_ap ? "pixel AP " + fixed(photo->pixel_ap) : "";
  return to_html({heat(view.shown, crop(*map, view.box)), view.drawing,
                  "<b>" + arm.name + "</b><br>" + score + "<br>" + ap,
                  "Heat map " + arm.key + " of " + name + ", " + score + " " + ap});
}

/// Photo with the true outline, and the heat maps before and after.
std::string compare_figure(const Record& record, const ScoredPhoto& photo) {
  std::string out = "<figure class=\"item\">";
  const auto image = load_image(find_file({record.data, record.folder}, photo.photo));
  auto mask = load_mask(find_file({record.data, record.folder}, photo.mask));
  if (!image) {
    out += note("The photo is not to be found.");
  } else {
    if (mask && (mask->width != image->width || mask->height != image->height)) mask.reset();
    const View view = view_of(*image, mask);
    const bool whole = view.box.width() == image->width && view.box.height() == image->height;
    out += "<span class=\"panes three\">" +
           to_html({view.shown, view.drawing,
                    std::string("<b>Photo</b><br>") + (mask ? "true outline" : "no defect") +
                        (whole ? "" : "<br>a part, enlarged"),
                    photo.type + " " + photo.photo}) +
           heat_pane(record, record.arms[kBefore], *image, view, photo.photo) +
           heat_pane(record, record.arms[kAfter], *image, view, photo.photo) + "</span>";
  }
  return out + "<figcaption><b>" + escape(photo.type) + "</b> <span class=\"file\">" + escape(photo.photo) +
         "</span>" + (photo.why.empty() ? "" : "<small>" + escape(photo.why) + "</small>") +
         "</figcaption></figure>\n";
}

struct Change {
  double by;
  const ScoredPhoto* photo;
};

/// Photos with a defect by how much their pixel AP changed, most worsened first.
std::vector<Change> changes(const Record& record) {
  std::vector<Change> out;
  if (!record.arms[kBefore].evaluation) return out;
  std::map<std::string, double> before;
  for (const ScoredPhoto& photo : record.arms[kBefore].evaluation->scored)
    if (photo.pixel_ap) before[photo.photo] = *photo.pixel_ap;
  for (const ScoredPhoto& photo : record.arms[kAfter].evaluation->scored)
    if (const auto found = before.find(photo.photo); photo.pixel_ap && found != before.end())
      out.push_back({*photo.pixel_ap - found->second, &photo});
  std::stable_sort(out.begin(), out.end(), [](const Change& a, const Change& b) { return a.by < b.by; });
  return out;
}

std::string changes_gallery(const Record& record, const std::string& heading,
                            const std::vector<Change>& list) {
  std::string out;
  for (std::size_t i = 0; i < std::min(kChanges, list.size()); i++)
    out += compare_figure(record, *list[i].photo);
  return out.empty() ? "" : "<h3>" + heading + "</h3>\n<div class=\"gallery broad\">" + out + "</div>\n";
}

}  // namespace

std::string misses_section(const Record& record) {
  const Arm& after = record.arms[kAfter];
  if (!after.evaluation) return "";
  std::string body =
      "<p>Test photos beside the scores of the two models. The line is the true outline; colours run from "
      "<span "
      "class=\"heatbar\" role=\"img\" aria-label=\"dark violet over red to pale yellow\"></span> score 0 to "
      "1, and "
      "where nothing was found the photo shows through.</p>\n";
  std::string misses;
  for (std::size_t i = 0; i < std::min(kMisses, after.evaluation->misses.size()); i++)
    misses += compare_figure(record, after.evaluation->misses[i]);
  body += "<h3>Worst misses of the model after</h3>\n" +
          (misses.empty() ? note("The evaluation lists no misses.")
                          : "<div class=\"gallery broad\">" + misses + "</div>\n");
  std::vector<Change> worse = changes(record), better(worse.rbegin(), worse.rend());
  const auto drop = [](std::vector<Change>& list, auto is_small) {
    list.erase(std::find_if(list.begin(), list.end(), is_small), list.end());
  };
  drop(worse, [](const Change& change) { return change.by > -kVisibleChange; });
  drop(better, [](const Change& change) { return change.by < kVisibleChange; });
  body += changes_gallery(record, "Where it helped most", better);
  body += changes_gallery(record, "Where it did most harm", worse);
  return section("misses", "Misses and changes, in pictures", body);
}

}  // namespace kizu::report
