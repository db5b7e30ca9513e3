// In place of opencv.cpp in builds without OpenCV: PNG files are written, nothing is read.
#ifndef KIZU_OPENCV
#include "core/error.h"
#include "image/codec.h"
#include "image/decode.h"
#include "image/png_stored.h"
#include "image/transform.h"

namespace kizu {
namespace {

constexpr const char* kRemedy = "this kizu was built without OpenCV; configure it with -DKIZU_OPENCV=ON";

}  // namespace

bool can_decode() {
  return false;
}

Image decode(std::string_view, const Container&, const std::string& name) {
  throw Error("cannot read " + name + ": " + kRemedy);
}

std::string encode_png(const Image& image) {
  return encode_stored_png(image);
}

std::string encode_jpeg(const Image&, int) {
  throw Error(std::string("cannot make a JPEG: ") + kRemedy);
}

Image inpaint(const Image&, const Mask&, double) {
  throw Error(std::string("cannot inpaint: ") + kRemedy);
}

}  // namespace kizu
#endif
