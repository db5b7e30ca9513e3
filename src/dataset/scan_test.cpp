#include "dataset/scan.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "dataset/test_data.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScanTest : public DataTest {
 protected:
  static std::vector<std::string> names(const std::vector<Photo>& photos) {
    std::vector<std::string> out;
    for (const Photo& photo : photos) out.push_back(photo.relative);
    return out;
  }
  std::string mask_of(const Photo& photo) const {
    return photo.mask ? photo.mask->lexically_relative(root_).generic_string() : "none";
  }
  Category only() const { return scan(root_, category_names(root_).front()); }
};

TEST_F(ScanTest, ReadsMvtecLayoutInNaturalOrder) {
  for (const char* name : {"10.png", "2.PNG", "1.png"}) photo(std::string("train/good/") + name, 1);
  photo("test/good/0.png", 2);
  for (const char* name : {"11", "9"}) photo(std::string("test/bent lead/") + name + ".png", 3);
  mask("ground_truth/bent lead/9_mask.png");
  mask("ground_truth/bent lead/11.PNG");
  photo("test/crack/a.png", 4);
  const Category category = only();
  EXPECT_EQ(category.name, root_.filename().string());
  EXPECT_THAT(names(category.good_train),
              ElementsAre("train/good/1.png", "train/good/2.PNG", "train/good/10.png"));
  EXPECT_THAT(names(category.good_test), ElementsAre("test/good/0.png"));
  ASSERT_EQ(category.types.size(), 2u);
  EXPECT_EQ(category.types[0].name, "bent lead");
  EXPECT_THAT(names(category.types[0].photos), ElementsAre("test/bent lead/9.png", "test/bent lead/11.png"));
  EXPECT_EQ(mask_of(category.types[0].photos[0]), "ground_truth/bent lead/9_mask.png");
  EXPECT_EQ(mask_of(category.types[0].photos[1]), "ground_truth/bent lead/11.PNG");
  EXPECT_EQ(category.types[0].photos[0].type, "bent lead");
  EXPECT_EQ(mask_of(category.types[1].photos[0]), "none");
  EXPECT_THAT(category.unused, IsEmpty());
}

TEST_F(ScanTest, ReadsPlainLayoutWithMasksInEveryPlace) {
  photo("Good/傷 1.png", 1);
  for (const char* stem : {"a", "b", "c", "d", "e"}) photo(std::string("scratch/") + stem + ".png", 2);
  mask("scratch/a_mask.png");
  mask("scratch/b.mask.bmp.png");  // a photo of its own name, not the mask of b
  mask("scratch/b.mask.png");
  mask("scratch/masks/c.png");
  mask("masks/scratch/d_Mask.png");
  mask("masks/scratch/e.png");
  const Category category = only();
  EXPECT_THAT(names(category.good_train), ElementsAre("Good/傷 1.png"));
  EXPECT_THAT(category.good_test, IsEmpty());
  ASSERT_EQ(category.types.size(), 1u);
  std::vector<std::string> masks;
  for (const Photo& photo : category.types[0].photos) masks.push_back(mask_of(photo));
  EXPECT_THAT(masks, ElementsAre("scratch/a_mask.png", "none", "scratch/b.mask.png", "scratch/masks/c.png",
                                 "masks/scratch/d_Mask.png", "masks/scratch/e.png"));
}

TEST_F(ScanTest, FindsCategoriesBelowARoot) {
  photo("part 10/good/1.png", 1);
  photo("part 2/train/good/1.png", 1);
  text("notes/readme.txt", "no photos here");
  EXPECT_THAT(category_names(root_), ElementsAre("part 2", "part 10"));
  EXPECT_EQ(scan(root_, "part 10").root, root_ / "part 10");
  EXPECT_THAT(error_of([&] { scan(root_, "part 3"); }), HasSubstr("choose one of: part 2, part 10"));
}

TEST_F(ScanTest, SkipsHiddenFilesAndLoopsAndTellsOfTheRest) {
  plain(2, 2, {"pit"});
  text("good/.hidden.png", "x");
  text("good/Thumbs.db", "x");
  text("good/photo.webp", "x");
  mask("good/1_mask.png");
  mask("pit/3_mask.png");
  mask("pit/masks/1.png");
  photo("stray.png", 9);
  photo("masks/hole/1.png", 9);
  photo("pit/deeper/1.png", 9);
  fs::create_directory_symlink("..", root_ / "pit" / "up");
  fs::create_directory_symlink(".", root_ / "loop");
  fs::create_symlink("nowhere.png", root_ / "pit" / "broken.png");
  const Category category = only();
  EXPECT_EQ(category.good_train.size(), 2u);
  ASSERT_EQ(category.types.size(), 1u);
  EXPECT_EQ(category.types[0].photos.size(), 2u);
  std::vector<std::string> unused;
  for (const Unused& u : category.unused) unused.push_back(u.file.lexically_relative(root_).generic_string());
  EXPECT_THAT(unused, ::testing::UnorderedElementsAre("stray.png", "good/photo.webp", "good/1_mask.png",
                                                      "pit/deeper", "pit/broken.png", "pit/1_mask.png",
                                                      "pit/3_mask.png", "masks/hole"));
  EXPECT_EQ(mask_of(category.types[0].photos[0]), "pit/masks/1.png");
}

TEST_F(ScanTest, SaysWhatIsWrongWithTheFolder) {
  EXPECT_THAT(error_of([&] { category_names(root_ / "missing"); }), HasSubstr("there is no such folder"));
  EXPECT_THAT(error_of([&] { category_names(root_); }), HasSubstr("good/"));
  text("file", "x");
  EXPECT_THAT(error_of([&] { category_names(root_ / "file"); }), HasSubstr("cannot be read"));
}

TEST_F(ScanTest, TakesGroupsFromAManifest) {
  photo("tile/good/1.png", 1);
  photo("tile/good/2.png", 2);
  photo("tile/pit/1.png", 3);
  mask("tile/pit/1_mask.png");
  text("manifest.csv",
       "group,image\r\nA,tile/good/1.png\r\n\"B, b\",.\\tile\\pit\\1.png\r\nC,other/good/1.png\r\n");
  Category category = scan(root_, "tile");
  EXPECT_EQ(category.good_train[0].group, "A");
  EXPECT_EQ(category.good_train[1].group, "");
  EXPECT_EQ(category.types[0].photos[0].group, "B, b");
  ASSERT_EQ(category.unused.size(), 1u);
  EXPECT_THAT(category.unused[0].reason, HasSubstr("names 2 of 3 photos"));

  text("tile/manifest.csv", "file;group\npit/1.png;Z\n");  // the category's own goes before its parent's
  category = scan(root_, "tile");
  EXPECT_EQ(category.types[0].photos[0].group, "Z");
  EXPECT_EQ(category.good_train[0].group, "");
}

TEST_F(ScanTest, RefusesAManifestThatContradictsItself) {
  plain(1, 1, {"pit"});
  text("manifest.csv", "image,group\npit/1.png,A\npit/1.png,B\n");
  EXPECT_THAT(error_of([&] { only(); }),
              HasSubstr("manifest.csv, line 3: gives pit/1.png another group than line 2"));
  text("manifest.csv", "picture,group\npit/1.png,A\n");
  EXPECT_THAT(error_of([&] { only(); }), HasSubstr("manifest.csv, line 1"));
}

}  // namespace
}  // namespace kizu::dataset
