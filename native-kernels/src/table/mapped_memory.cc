#include "table/mapped_memory.h"

#include <sys/mman.h>

namespace rowtine::table {

MappedMemory::MappedMemory(size_t bytes) : bytes_(bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    bytes_ = 0;
    return;
  }
  data_ = static_cast<std::byte*>(memory);
}

MappedMemory::~MappedMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

// Advice: where it is not taken the memory works as any other.
void MappedMemory::advise_huge_pages() {
#ifdef MADV_HUGEPAGE
  if (data_ != nullptr) static_cast<void>(madvise(data_, bytes_, MADV_HUGEPAGE));
#endif
}

}  // namespace rowtine::table
