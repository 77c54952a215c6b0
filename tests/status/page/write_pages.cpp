// write_pages FOLDER: the sample pages as files, for html_test.sh and for those who want to look at them.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sample_pages.h"
#include "status/page/html.h"

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (auto& sample : shstore::tests::page_samples()) {
    std::ofstream out(folder / (sample.file + ".html"), std::ios::binary);
    out << shstore::status::to_html(shstore::status::make_page(std::move(sample.sources)));
    if (!out.flush()) return 1;
    std::cout << sample.file << '\n';
  }
  return 0;
}
