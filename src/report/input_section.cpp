#include <map>

#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

struct Counts {
  long long shots = 0, test = 0, left_out = 0;
};

std::string photos_list(const Split& split) {
  std::vector<std::vector<std::string>> rows;
  for (const SplitPhoto& photo : split.photos)
    rows.push_back(
        {"<span class=\"file\">" + escape(photo.image) + "</span>" +
             (photo.mask.empty() ? "" : "<small class=\"file\">" + escape(photo.mask) + "</small>"),
         escape(photo.type), escape(photo.group),
         escape(photo.side) + (photo.reason.empty() ? "" : "<small>" + escape(photo.reason) + "</small>"),
         "<code>" + escape(photo.image_sha256) + "</code>" +
             (photo.mask_sha256.empty() ? "" : "<code>" + escape(photo.mask_sha256) + "</code>")});
  return "<details><summary>Every photo with its side and SHA-256</summary>\n" +
         table("Photos of the split", {"Photo, mask", "Type", "Group", "Side", "SHA-256 of photo, of mask"},
               rows, "hashes") +
         "</details>\n";
}

}  // namespace

std::string input_section(const Record& record) {
  if (!record.split) return section("input", "What went in", note("The photos have not been divided yet."));
  std::map<std::string, Counts> by_type;
  Counts good;
  bool grouped = false;
  for (const SplitPhoto& photo : record.split->photos) {
    Counts& counts = photo.type == "good" ? good : by_type[photo.type];
    if (photo.side == "shot" || photo.side == "good_train") counts.shots++;
    if (photo.side == "test" || photo.side == "good_test") counts.test++;
    if (photo.side == "left_out") counts.left_out++;
    grouped |= !photo.group.empty();
  }
  const auto row = [](const std::string& name, const Counts& counts) -> std::vector<std::string> {
    return {name, std::to_string(counts.shots + counts.test + counts.left_out), std::to_string(counts.shots),
            std::to_string(counts.test), std::to_string(counts.left_out)};
  };
  std::vector<std::vector<std::string>> rows{row("good parts", good)};
  for (const std::string& type : record.split->types) rows.push_back(row(escape(type), by_type[type]));
  const std::string body =
      table("Photos of “" + escape(record.name) + "” and what they were used for",
            {"Type", "Photos", "Learned from", "Tested on", "Left out"}, rows, "numbers") +
      "<p>The division was made once, before anything was learned, and is the same for every model here. " +
      (grouped ? "Photos of the same piece (their group) stand on one side only.</p>\n"
               : "No groups were given: photos of the same piece, if there are any, may stand on both "
                 "sides.</p>\n") +
      photos_list(*record.split);
  return section("input", "What went in", body);
}

}  // namespace kizu::report
