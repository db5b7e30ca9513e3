#include <algorithm>

#include "core/utf8.h"
#include "image/transform.h"
#include "report/gallery.h"
#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

std::string scores_text(const Pair& pair) {
  return "visible " + fixed(pair.visible, 2) + " · leak " + fixed(pair.leak, 3) + " · distance " +
         fixed(pair.distance, 2);
}

std::string file_name(const std::string& path) {
  return utf8(std::filesystem::u8path(path).filename());
}

/// How many of each type are shown: full rows of the page, fewer where there are many types.
std::size_t shown(const Record& record, std::size_t with_many, std::size_t with_few) {
  return record.types().size() > 3 ? with_many : with_few;
}

std::string shots_of(const Record& record, const std::string& type) {
  std::vector<const SplitPhoto*> shots;
  if (record.split)
    for (const SplitPhoto& photo : record.split->photos)
      if (photo.side == "shot" && photo.type == type) shots.push_back(&photo);
  if (shots.empty()) return "";
  std::string out = "<h4>Real: " + count(static_cast<long long>(shots.size()), "shot") +
                    " it learned from</h4>\n<div class=\"gallery\">";
  for (const std::size_t i : evenly(shots.size(), shown(record, 3, 6)))
    out +=
        defect_figure(find_file({record.data}, shots[i]->image), find_file({record.data}, shots[i]->mask),
                      "Real " + type + " " + file_name(shots[i]->image), escape(file_name(shots[i]->image)));
  return out + "</div>\n";
}

std::string made_of(const Record& record, const std::string& type) {
  std::vector<const Pair*> made;
  if (record.pairs)
    for (const Pair& pair : record.pairs->kept)
      if (pair.type == type) made.push_back(&pair);
  if (made.empty()) return note("No pairs of this type have been generated.");
  std::string out = "<h4>Generated: " + count(static_cast<long long>(made.size()), "pair") +
                    "</h4>\n<div class=\"gallery made\">";
  for (const std::size_t i : evenly(made.size(), shown(record, 6, 9))) {
    const Pair& pair = *made[i];
    out += defect_figure(pair_file(record, pair, pair.image), pair_file(record, pair, pair.mask),
                         "Generated " + type + " " + file_name(pair.image),
                         escape(file_name(pair.image)) +
                             (pair.source.empty() ? "" : " on " + escape(file_name(pair.source))) +
                             "<small>" + scores_text(pair) + "</small>");
  }
  return out + "</div>\n";
}

std::string mask_figure(const Record& record, const MaskEntry& entry) {
  const std::filesystem::path masks = record.folder / "masks";
  const auto mask =
      load_mask(find_file({masks, masks / std::filesystem::u8path(entry.type), record.folder}, entry.file));
  const std::string origin = origin_text(entry.origin);
  if (!mask) return "";
  Image picture = Image::blank(mask->width, mask->height, 1);
  for (std::size_t i = 0; i < mask->values.size(); i++) picture.values[i] = mask->values[i] ? 255 : 0;
  return "<figure class=\"mask\">" +
         to_html({scaled(picture, 96), "", "",
                  "Generated mask of " + entry.type + (origin.empty() ? "" : " " + origin)},
                 true) +
         "<figcaption>" + escape(origin) + "</figcaption></figure>\n";
}

}  // namespace

std::string pairs_section(const Record& record) {
  std::string body =
      "<p>The whole photo, and the framed part enlarged with the outline of its mask: what was learned from, "
      "then what was made. The examples are evenly spaced over the list; nobody picked them. Under a pair: "
      "by how much its mask changed (visible, of 255), how much of that shows outside (leak) and how far it "
      "is from the shots (distance).</p>\n"
      "<p class=\"switch\"><label><input type=\"checkbox\" id=\"outlines\" checked> Show outlines and "
      "frames</label></p>\n";
  if (!record.pairs) body += note("No pairs have been generated yet.");
  if (record.split && record.data.empty())
    body += note(
        "The photos of the data set are no longer where the run found them, so the shots cannot be shown.");
  for (const std::string& type : record.types())
    body += "<h3>" + escape(type) + "</h3>\n" + shots_of(record, type) +
            (record.pairs ? made_of(record, type) : "");
  return section("pairs", "Real and generated defects", body);
}

std::string masks_section(const Record& record) {
  if (!record.masks) return section("masks", "Generated masks", note("No masks have been generated yet."));
  std::string body =
      "<p>Where the generated defects sit, over the whole photo, and what each mask was made from.</p>\n";
  for (const std::string& type : record.types()) {
    std::vector<const MaskEntry*> entries;
    for (const MaskEntry& entry : *record.masks)
      if (entry.type == type) entries.push_back(&entry);
    if (entries.empty()) continue;
    body += "<h3>" + escape(type) + " <small>" + count(static_cast<long long>(entries.size()), "mask") +
            "</small></h3>\n<div class=\"gallery masks\">";
    for (const std::size_t i : evenly(entries.size(), shown(record, 9, 18)))
      body += mask_figure(record, *entries[i]);
    body += "</div>\n";
  }
  return section("masks", "Generated masks", body);
}

std::string yield_section(const Record& record) {
  if (!record.pairs) return section("yield", "Yield", note("No pairs have been generated yet."));
  std::vector<std::vector<std::string>> rows;
  for (const Yield& type : record.pairs->types)
    rows.push_back(
        {escape(type.type), std::to_string(type.asked), std::to_string(type.made),
         std::to_string(type.retried), std::to_string(type.dropped),
         type.asked > 0
             ? fixed(100.0 * static_cast<double>(type.made) / static_cast<double>(type.asked), 0) + " %"
             : "–"});
  std::string body =
      "<p>Every pair is scored: is the change visible inside the mask, is it clearer than what the surface "
      "varies by itself, does it leak outside, does it look like the shots? What fails is tried again with "
      "another seed, what is lost in its surface at other places; dropped is what keeps "
      "failing.</p>\n" +
      table("Pairs asked for and made", {"Type", "Asked", "Made", "Tried again", "Dropped", "Yield"}, rows,
            "numbers");
  const std::vector<Pair>& dropped = record.pairs->dropped;
  if (dropped.empty()) return section("yield", "Yield", body + "<p>Nothing was dropped.</p>\n");
  body += "<h3>Dropped <small>examples with the reason</small></h3>\n<div class=\"gallery\">";
  for (const std::size_t i : evenly(dropped.size(), 6))
    body += defect_figure(
        pair_file(record, dropped[i], dropped[i].image), pair_file(record, dropped[i], dropped[i].mask),
        "Dropped " + dropped[i].type,
        "<b>" + escape(dropped[i].type) +
            "</b>: " + escape(dropped[i].reason.empty() ? "no reason given" : dropped[i].reason) + "<small>" +
            scores_text(dropped[i]) + ", " + count(dropped[i].attempts, "attempt") + "</small>");
  return section("yield", "Yield", body + "</div>\n");
}

}  // namespace kizu::report
