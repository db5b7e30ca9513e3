// Everything that needs OpenCV: decoding, encoding, inpainting. bare.cpp stands in where it is not there.
#ifdef KIZU_OPENCV
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/photo.hpp>
#include <stdexcept>

#include "core/error.h"
#include "image/codec.h"
#include "image/decode.h"
#include "image/jpeg.h"
#include "image/orientation.h"
#include "image/transform.h"

namespace kizu {
namespace {

/// A library never prints; OpenCV would warn on stderr.
void silence() {
  static const auto before = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  (void)before;
}

int channel_of(const Image& image, int c) {
  return image.channels == 3 ? 2 - c : c;
}  // OpenCV keeps BGR

template <typename Value>
void copy_from(const cv::Mat& from, Image& to) {
  for (int y = 0; y < to.height; y++) {
    const auto* row = from.ptr<Value>(y);
    for (int x = 0; x < to.width; x++)
      for (int c = 0; c < to.channels; c++) to.at(x, y, c) = row[x * from.channels() + channel_of(to, c)];
  }
}

template <typename Value>
void copy_to(const Image& from, cv::Mat& to) {
  for (int y = 0; y < from.height; y++) {
    auto* row = to.ptr<Value>(y);
    for (int x = 0; x < from.width; x++)
      for (int c = 0; c < from.channels; c++)
        row[x * from.channels + channel_of(from, c)] = static_cast<Value>(from.at(x, y, c));
  }
}

cv::Mat to_mat(const Image& image) {
  if (image.empty()) throw std::logic_error("an empty picture cannot be encoded");
  cv::Mat mat(image.height, image.width, CV_MAKETYPE(image.depth == 16 ? CV_16U : CV_8U, image.channels));
  image.depth == 16 ? copy_to<std::uint16_t>(image, mat) : copy_to<std::uint8_t>(image, mat);
  return mat;
}

std::string encode(const Image& image, const char* suffix, const std::vector<int>& options) {
  silence();
  const cv::Mat mat = to_mat(image);
  try {
    std::vector<unsigned char> bytes;
    if (!cv::imencode(suffix, mat, bytes, options)) throw MachineError("a picture could not be encoded");
    return {bytes.begin(), bytes.end()};
  } catch (const cv::Exception& failure) {
    throw MachineError("a picture could not be encoded: " + failure.err);
  }
}

cv::Mat decode_mat(std::string_view bytes, const std::string& name) {
  silence();
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat mat;
  try {
    mat = cv::imdecode(raw, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception&) {
    mat.release();
  }
  if (mat.empty()) refuse_damaged(name, "cannot be decoded");
  return mat;
}

}  // namespace

bool can_decode() {
  return true;
}

Image decode(std::string_view bytes, const Container& container, const std::string& name) {
  const auto [width, height] = container.stored;
  if (container.format == ImageFormat::Jpeg)
    return oriented(decode_jpeg(bytes, width, height, container.grey ? 1 : 3, name), container.orientation);
  const bool png = container.format == ImageFormat::Png;
  const cv::Mat mat = png ? decode_mat(essential_png(bytes), name) : decode_mat(bytes, name);
  const bool turned = mat.cols == height && mat.rows == width && container.orientation >= 5;
  if (!turned && (mat.cols != width || mat.rows != height))
    refuse_damaged(name, "does not have the size it claims");
  if (mat.depth() != CV_8U && mat.depth() != CV_16U)
    throw Error(name + " does not hold 8 or 16 bit whole numbers; convert it to 8 or 16 bit");
  const bool grey = mat.channels() < 3 || container.grey;  // grey with alpha arrives as four equal channels
  Image image = Image::blank(mat.cols, mat.rows, grey ? 1 : 3, mat.depth() == CV_16U ? 16 : 8);
  image.depth == 16 ? copy_from<std::uint16_t>(mat, image) : copy_from<std::uint8_t>(mat, image);
  return png ? oriented(std::move(image), container.orientation) : image;  // OpenCV turns a TIFF itself
}

std::string encode_png(const Image& image) {
  return encode(image, ".png",
                {cv::IMWRITE_PNG_COMPRESSION, 4, cv::IMWRITE_PNG_STRATEGY, cv::IMWRITE_PNG_STRATEGY_DEFAULT});
}

std::string encode_jpeg(const Image& image, int quality) {
  return encode(to_8bit(image), ".jpg", {cv::IMWRITE_JPEG_QUALITY, quality});
}

Image inpaint(const Image& image, const Mask& mask, double radius) {
  if (mask.width != image.width || mask.height != image.height)
    throw std::logic_error("inpaint: picture and mask differ in size");
  cv::Mat hole(mask.height, mask.width, CV_8U);
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++) hole.at<std::uint8_t>(y, x) = mask.at(x, y) ? 255 : 0;
  cv::Mat filled;
  try {
    cv::inpaint(to_mat(to_8bit(image)), hole, filled, radius, cv::INPAINT_TELEA);
  } catch (const cv::Exception& failure) {
    throw MachineError("inpainting failed: " + failure.err);
  }
  Image small = Image::blank(image.width, image.height, image.channels);
  copy_from<std::uint8_t>(filled, small);
  Image out = image;
  for (std::size_t i = 0; i < out.values.size(); i++)
    if (mask.values[i / image.channels]) out.values[i] = small.values[i] * (image.depth == 16 ? 257 : 1);
  return out;
}

}  // namespace kizu
#endif
