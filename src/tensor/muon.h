#pragma once
#include "tensor/adam.h"

namespace kizu {

struct MuonOptions {
  double momentum = 0.95;
  AdamOptions others;  // for tensors that are no matrices: gains, biases
};

/// The matrix nearest to having only singular values of 1 with the same singular vectors, roughly (0.7 to
/// 1.2): five quintic Newton-Schulz steps (Jordan et al. 2024), taken on matrix * matrix^T, which is cheaper
/// where a matrix is wide. [rows, columns] float32; zeros stay zeros.
torch::Tensor orthogonalised(const torch::Tensor& matrix);

/// Muon (Jordan et al. 2024): the momentum of every matrix (a convolution's filters: [out, in * k * k]) is
/// orthogonalised, so that all directions of a layer learn at one speed; gains and biases learn by Adam. A
/// rate of 0.02 turns a filter of unit length by 0.02 radians and moves a gain by 0.02 a step.
class Muon {
 public:
  Muon(std::vector<Trainable> trainables, MuonOptions options);
  /// As Adam::step; every gradient must be defined.
  void step(const std::vector<torch::Tensor>& gradient, double learning_rate, WorkerPool* pool = nullptr);

  /// `muon.<name>` for each matrix and Adam's for the others; load() restores them.
  NamedTensors state() const;
  void load(const NamedTensors& state, const std::string& origin);

 private:
  std::vector<Trainable> trainables_;
  MuonOptions options_;
  std::vector<torch::Tensor> momentum_;  // undefined for what Adam moves
  Adam others_;
};

}  // namespace kizu
