#include "anomaly/token_splice.h"

#include <vector>

namespace kizu::anomaly {

Spliced splice_tokens(const torch::Tensor& ids, const torch::Tensor& embedded, const torch::Tensor& inserted,
                      int64_t placeholder) {
  TORCH_CHECK(ids.dim() == 2 && embedded.dim() == 3 && inserted.dim() == 3 && ids.size(0) == inserted.size(0),
              "splice_tokens: ids ", ids.sizes(), ", inserted ", inserted.sizes());
  const int64_t length = ids.size(1), count = inserted.size(1);
  const auto host = ids.to(torch::kCPU, torch::kInt64).contiguous();
  std::vector<torch::Tensor> rows, row_ids;
  auto ranges = torch::zeros({ids.size(0), 2}, torch::kInt64);
  for (int64_t b = 0; b < ids.size(0); b++) {
    const int64_t* id = host.data_ptr<int64_t>() + b * length;
    std::vector<torch::Tensor> parts;
    std::vector<int64_t> out_ids;
    int64_t copied = 0;
    const auto copy_up_to = [&](int64_t column) {
      if (column > copied) parts.push_back(embedded[b].slice(0, copied, column));
      out_ids.insert(out_ids.end(), id + copied, id + column);
      copied = column;
    };
    bool first = true;
    for (int64_t column = 0; column < length; column++) {
      if (id[column] != placeholder) continue;
      copy_up_to(column);
      if (first) ranges[b][0] = column, ranges[b][1] = column + count;
      first = false;
      parts.push_back(inserted[b]);
      out_ids.insert(out_ids.end(), static_cast<size_t>(count), placeholder);
      copied = column + 1;
    }
    copy_up_to(length);
    rows.push_back(torch::cat(parts).slice(0, 0, length));
    out_ids.resize(static_cast<size_t>(length));
    row_ids.push_back(torch::tensor(out_ids, torch::kInt64));
  }
  return {torch::stack(rows), torch::stack(row_ids), ranges};
}

torch::Tensor repeated_token(const torch::Tensor& vector, int64_t n) {
  return vector.detach().reshape({1, -1}).repeat({n, 1});
}

}  // namespace kizu::anomaly
