package io.lorashear.device;

import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * PyTorch as pip, conda or a libtorch archive installs it.
 *
 * <pre>
 *   pip, conda   torch/version.py    __version__ = '2.7.1+cu126'     torch/lib/libtorch.so
 *                                    cuda: Optional[str] = '12.6'
 *   libtorch     build-version       2.7.1+cu128                     lib/libtorch.so
 * </pre>
 *
 * @param libraries the folder of its libraries
 * @param version as PyTorch states it, for example 2.7.1+cu126
 * @param cuda the version of CUDA it was built for, for example 12.6; empty if it is for the CPU
 *     only
 */
record TorchFolder(Path libraries, String version, Optional<String> cuda) {
  private static final String LIBRARY = System.mapLibraryName("torch");
  private static final Pattern VERSION = field("__version__");
  private static final Pattern CUDA = field("cuda");
  private static final Pattern HIP = field("hip");

  /** The end of a version: that of CUDA, without its point. */
  private static final Pattern BUILD = Pattern.compile("\\+cu(\\d+)(\\d)$");

  /**
   * Reads the PyTorch in {@code folder}: the folder that Python's {@code torch.__path__} names,
   * that of libtorch, or that of the libraries.
   *
   * @param name what named the folder, for messages
   * @throws InputException if there is no PyTorch, or none that can be used
   */
  static TorchFolder open(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "%s is %s, which is no folder on this machine: give what python -c \"import torch;"
              + " print(torch.__path__[0])\" prints on it",
          name, folder);
    }
    var inside = folder.resolve("lib");
    var libraries = Files.exists(inside.resolve(LIBRARY)) ? inside : folder;
    if (!Files.exists(libraries.resolve(LIBRARY))) {
      throw new InputException(
          "%s is %s, where there is neither %s nor lib/%s: give what python -c \"import torch;"
              + " print(torch.__path__[0])\" prints",
          name, folder, LIBRARY, LIBRARY);
    }
    var root = libraries.endsWith("lib") ? libraries.resolveSibling("") : libraries;
    return described(libraries.toAbsolutePath().normalize(), root, name);
  }

  private static TorchFolder described(Path libraries, Path root, String name) {
    var python = root.resolve("version.py");
    var archive = root.resolve("build-version");
    if (Files.exists(python)) {
      var text = read(python);
      find(HIP, text)
          .ifPresent(
              hip -> {
                throw new InputException(
                    "PyTorch in %s is built for ROCm %s, which DJL has no library for: %s",
                    libraries, hip, Natives.remedy());
              });
      var version = find(VERSION, text).orElseThrow(() -> unknown(libraries, name));
      return new TorchFolder(libraries, version, find(CUDA, text));
    }
    if (Files.exists(archive)) {
      var version = read(archive).strip();
      var cuda =
          BUILD
              .matcher(version)
              .results()
              .map(found -> found.group(1) + "." + found.group(2))
              .findFirst();
      return new TorchFolder(libraries, version, cuda);
    }
    throw unknown(libraries, name);
  }

  private static InputException unknown(Path libraries, String name) {
    return new InputException(
        "%s names PyTorch in %s, but neither version.py nor build-version beside it says which"
            + " version it is: %s",
        name, libraries, Natives.remedy());
  }

  /** The version without its build suffix: 2.7.1 for 2.7.1+cu126. */
  String release() {
    return version.replaceFirst("\\+.*", "");
  }

  /**
   * Why it cannot use the GPUs of a machine, and what to do; empty if no reason is known. CUDA 12
   * needs a driver for CUDA 12. GPUs of compute capability 10 and more, which CUDA 12.8 introduced,
   * need a PyTorch built for CUDA 12.8.
   */
  Optional<String> obstacle(CudaDriver driver) {
    if (cuda.isEmpty()) {
      return Optional.of(
          "PyTorch %s in %s is built without CUDA: %s"
              .formatted(version, libraries, Natives.remedy()));
    }
    if (driver.problem().isPresent()) {
      return driver.problem();
    }
    if (driver.cuda() < 12_000) {
      return Optional.of(
          "NVIDIA's driver serves CUDA %s at most, but PyTorch %s needs %s: install driver 525 or a"
                  .formatted(driver.cudaText(), version, cuda.get())
              + " later one");
    }
    var gpu = driver.gpus().get(0);
    if (gpu.major() >= 10 && Double.parseDouble(cuda.get()) < 12.8) {
      return Optional.of(
          "%s (compute capability %d.%d) needs a PyTorch built for CUDA 12.8, and %s is not: install"
                  .formatted(gpu.name(), gpu.major(), gpu.minor(), version)
              + " torch==%s+cu128 from PyTorch's own index".formatted(release()));
    }
    return Optional.empty();
  }

  /**
   * The folder of the CUDA runtime that the PyTorch in {@code folder} brings with it, if any:
   * libtorch has it among its libraries, pip next to the package.
   */
  static Optional<Path> cudaRuntime(Path folder) {
    var beside = "nvidia/cuda_runtime/lib";
    return Stream.of("lib", "", "../" + beside, "../../" + beside)
        .map(place -> folder.resolve(place).normalize())
        .filter(TorchFolder::hasCudaRuntime)
        .findFirst();
  }

  private static boolean hasCudaRuntime(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (var found = Files.newDirectoryStream(folder, "libcudart.so*")) {
      return found.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Pattern field(String name) {
    return Pattern.compile("^" + name + "\\b[^=\\n]*=\\s*['\"]([^'\"]+)['\"]", Pattern.MULTILINE);
  }

  private static Optional<String> find(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).findFirst();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
