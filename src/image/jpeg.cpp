#include "image/jpeg.h"
#ifdef KIZU_OPENCV
#include <csetjmp>
#include <cstdio>
// jpeglib.h needs FILE and size_t before it
#include <jpeglib.h>

#include <jerror.h>

#include "core/error.h"
#include "image/container.h"

namespace kizu {
namespace {

/// libjpeg reports here; it must not print and must not end the process.
struct Reporter {
  jpeg_error_mgr base;
  std::jmp_buf back;
  bool damaged;
};

void jump_back(j_common_ptr jpeg) {
  std::longjmp(reinterpret_cast<Reporter*>(jpeg->err)->back, 1);
}

void note(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  // Of the warnings only those that say that pixels were lost: cameras pad their files and use odd version
  // numbers.
  switch (jpeg->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      reinterpret_cast<Reporter*>(jpeg->err)->damaged = true;
  }
}

/// CMYK as Adobe stores it: inverted, so that 255 is no ink.
void cmyk_row(const unsigned char* from, std::uint16_t* to, int width) {
  for (int x = 0; x < width; x++)
    for (int c = 0; c < 3; c++)
      to[3 * x + c] = static_cast<std::uint16_t>((from[4 * x + c] * from[4 * x + 3] + 127) / 255);
}

/// Nothing with a destructor may live here: longjmp would pass it by. True when every pixel is sound.
bool decode_into(jpeg_decompress_struct& jpeg, Reporter& reporter, std::string_view bytes, Image& image,
                 unsigned char* row) {
  if (setjmp(reporter.back)) return false;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
  const bool four = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = four ? JCS_CMYK : image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  if (static_cast<int>(jpeg.output_width) != image.width ||
      static_cast<int>(jpeg.output_height) != image.height || jpeg.output_components > 4)
    return false;
  const int count = image.width * image.channels;
  for (int y = 0; y < image.height; y++) {
    jpeg_read_scanlines(&jpeg, &row, 1);
    std::uint16_t* to = image.values.data() + image.index(0, y);
    if (four)
      cmyk_row(row, to, image.width);
    else
      for (int i = 0; i < count; i++) to[i] = row[i];
  }
  jpeg_finish_decompress(&jpeg);
  return !reporter.damaged;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, int width, int height, int channels, const std::string& name) {
  Image image = Image::blank(width, height, channels);
  std::string row(static_cast<std::size_t>(width) * 4, '\0');
  jpeg_decompress_struct jpeg{};
  Reporter reporter{};
  jpeg.err = jpeg_std_error(&reporter.base);
  reporter.base.error_exit = jump_back;
  reporter.base.emit_message = note;
  const bool sound = decode_into(jpeg, reporter, bytes, image, reinterpret_cast<unsigned char*>(row.data()));
  jpeg_destroy_decompress(&jpeg);
  if (!sound) refuse_damaged(name, "is damaged (some of its pixels are lost)");
  return image;
}

}  // namespace kizu
#endif
