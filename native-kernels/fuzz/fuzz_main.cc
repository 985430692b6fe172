// Drives a fuzz target where libFuzzer is missing: replays a corpus, then mutates it for a while.
//   http_request_fuzz corpus/http_request [SECONDS [SEED]]
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kInputBytesMax = 8192;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> read_corpus(const char* folder) {
  std::vector<std::string> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string next() {
    std::string input = any();
    for (size_t i = pick(6) + 1; i > 0; --i) mutate(input);
    if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
    return input;
  }

 private:
  size_t pick(size_t bound) { return bound == 0 ? 0 : static_cast<size_t>(random_() % bound); }
  const std::string& any() { return corpus_[pick(corpus_.size())]; }

  void mutate(std::string& input) {
    static const char kBytes[] = "\r\n\t :;,=\"\\/?#%*+-0123456789abcdefxAZ\0\x01\x7f\x80\xff";
    const size_t at = pick(input.size() + 1);
    const char byte = kBytes[pick(sizeof(kBytes))];
    switch (pick(6)) {
      case 0: input.insert(at, 1, byte); break;
      case 1: input.erase(at, pick(4) + 1); break;
      case 2: input.replace(at, 1, 1, byte); break;
      case 3: input.insert(at, input.substr(pick(input.size() + 1), pick(40))); break;
      case 4: input.insert(at, any()); break;
      default: input.resize(at); break;
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: TARGET CORPUS_FOLDER [SECONDS [SEED]]\n", stderr);
    return 2;
  }
  const std::vector<std::string> corpus = read_corpus(argv[1]);
  for (const std::string& input : corpus) run(input);
  const auto seconds = std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 0);
  const uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : std::random_device{}();
  Mutator mutator(corpus, seed);
  size_t count = 0;
  const auto end = std::chrono::steady_clock::now() + seconds;
  while (!corpus.empty() && std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 100; ++i, ++count) run(mutator.next());
  }
  std::printf("%zu inputs of the corpus, %zu mutated ones, seed %llu\n", corpus.size(), count,
              static_cast<unsigned long long>(seed));
  return corpus.empty() ? 1 : 0;
}
