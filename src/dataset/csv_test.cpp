#include "dataset/csv.h"

#include <gmock/gmock.h>

#include "dataset/test_data.h"

namespace kizu::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Csv, ReadsQuotesCommasAndLineBreaks) {
  const Csv table = parse_csv("image,group\n\"a, b.png\",\"say \"\"x\"\"\nand y\"\nc.png,\n", "t");
  EXPECT_THAT(table.header, ElementsAre("image", "group"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].fields, ElementsAre("a, b.png", "say \"x\"\nand y"));
  EXPECT_THAT(table.rows[1].fields, ElementsAre("c.png", ""));
  EXPECT_EQ(table.rows[1].line, 4);
}

TEST(Csv, TakesByteOrderMarkCrLfEmptyLinesAndSemicolons) {
  const Csv table = parse_csv("\xEF\xBB\xBFImage;Group\r\n\r\nä.png;1\r\nb.png;2", "t");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].fields, ElementsAre("ä.png", "1"));
  EXPECT_EQ(table.rows[1].line, 4);
  EXPECT_EQ(table.column({"path", "image"}), 0u);
  EXPECT_EQ(table.column({"group"}), 1u);
  EXPECT_FALSE(table.column({"mask"}));
}

TEST(Csv, NamesFileAndLineOfWhatIsMalformed) {
  const auto message = [](const std::string& text) { return error_of([&] { parse_csv(text, "m.csv"); }); };
  EXPECT_THAT(message("a,b\n1,2\n3\n"), HasSubstr("m.csv, line 3: 1 fields where the header has 2"));
  EXPECT_THAT(message("a,b\n1,\"2\n3,4\n"), HasSubstr("m.csv, line 2: a quoted field that is never closed"));
  EXPECT_THAT(message("a,b\n1,\"2\"x\n"), HasSubstr("m.csv, line 2: text after"));
  EXPECT_THAT(message("a,b\n1,2\"\n"), HasSubstr("m.csv, line 2: a quote inside"));
  EXPECT_THAT(message(""), HasSubstr("m.csv, line 1: the table is empty"));
  EXPECT_THAT(message("\xFF\xFE"
                      "a"),
              HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace kizu::dataset
