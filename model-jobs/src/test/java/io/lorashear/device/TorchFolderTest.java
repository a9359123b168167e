package io.lorashear.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchFolderTest {
  private static final String INSTALL =
      "pip install torch==%s, and set LORASHEAR_TORCH to what python -c \"import torch;"
          + " print(torch.__path__[0])\" prints";

  @TempDir Path site;
  private Path torch;
  private Path libraries;

  @BeforeEach
  void makeFolder() throws IOException {
    torch = site.resolve("torch");
    libraries = Files.createDirectories(torch.resolve("lib"));
    Files.createFile(libraries.resolve(System.mapLibraryName("torch")));
  }

  private TorchFolder pip(String version, String cuda) throws IOException {
    Files.writeString(
        torch.resolve("version.py"),
        """
        from typing import Optional

        __version__ = '%s'
        debug = False
        cuda: Optional[str] = %s
        git_version = 'e2d141dbde55c2a4370fac5165b0561b6af4798b'
        hip: Optional[str] = None
        """
            .formatted(version, cuda));
    return TorchFolder.open(torch, "LORASHEAR_TORCH");
  }

  private static String install() {
    return INSTALL.formatted(Natives.release());
  }

  @Test
  void pipTellsVersionAndCuda() throws IOException {
    var found = pip("2.7.1+cu126", "'12.6'");
    assertThat(found).isEqualTo(new TorchFolder(libraries, "2.7.1+cu126", Optional.of("12.6")));
    assertThat(found.release()).isEqualTo("2.7.1");
    assertThat(pip("2.7.1+cpu", "None").cuda()).isEmpty();
  }

  @Test
  void theFolderOfTheLibrariesIsThePackageToo() throws IOException {
    var found = pip("2.7.1", "'12.6'");
    assertThat(TorchFolder.open(libraries, "LORASHEAR_TORCH")).isEqualTo(found);
  }

  @ParameterizedTest
  @CsvSource({"2.7.1+cu128, 12.8", "2.7.1+cu118, 11.8", "2.7.1+cpu, ''"})
  void libtorchTellsBothInOneWord(String version, String cuda) throws IOException {
    Files.writeString(torch.resolve("build-version"), version + "\n");
    var found = TorchFolder.open(torch, "LORASHEAR_TORCH");
    assertThat(found.version()).isEqualTo(version);
    assertThat(found.cuda().orElse("")).isEqualTo(cuda);
  }

  @Test
  void whatIsNoPyTorchIsRefusedByWhatNamedIt() {
    var missing = site.resolve("nowhere");
    assertThatThrownBy(() -> TorchFolder.open(missing, "LORASHEAR_TORCH"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "LORASHEAR_TORCH is %s, which is no folder on this machine: give what python -c"
                + " \"import torch; print(torch.__path__[0])\" prints on it",
            missing);
    var library = System.mapLibraryName("torch");
    assertThatThrownBy(() -> TorchFolder.open(site, "LORASHEAR_TORCH"))
        .hasMessage(
            "LORASHEAR_TORCH is %s, where there is neither %s nor lib/%s: give what python -c"
                + " \"import torch; print(torch.__path__[0])\" prints",
            site, library, library);
    assertThatThrownBy(() -> TorchFolder.open(torch, "LORASHEAR_TORCH"))
        .hasMessage(
            "LORASHEAR_TORCH names PyTorch in %s, but neither version.py nor build-version beside"
                + " it says which version it is: %s",
            libraries, install());
  }

  @Test
  void aPyTorchForRocmIsRefused() throws IOException {
    Files.writeString(
        torch.resolve("version.py"), "__version__ = '2.7.1+rocm6.3'\ncuda = None\nhip = '6.3'\n");
    assertThatThrownBy(() -> TorchFolder.open(torch, "LORASHEAR_TORCH"))
        .hasMessage(
            "PyTorch in %s is built for ROCm 6.3, which DJL has no library for: %s",
            libraries, install());
  }

  @Test
  void anotherReleaseIsRefusedByName() throws IOException {
    var other = pip("2.11.0+cu128", "'12.8'");
    assertThatThrownBy(() -> Natives.flavour(other))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "PyTorch in %s is 2.11.0+cu128, but the libraries of DJL that call it were built for"
                + " %s and crash with another: %s",
            libraries, Natives.release(), install());
  }

  @Test
  void anotherCudaIsRefusedByName() throws IOException {
    var old = pip(Natives.release() + "+cu118", "'11.8'");
    assertThatThrownBy(() -> Natives.flavour(old))
        .hasMessage(
            "PyTorch in %s is built for CUDA 11.8, but the libraries of DJL that call it for CUDA"
                + " 12: %s",
            libraries, install());
  }

  @Test
  void everyCuda12IsCalledByTheOneLibraryOfTheJars() throws IOException {
    assumeTrue(Natives.platform().equals("linux-x86_64"), "CUDA is there for linux-x86_64 only");
    assertThat(Natives.has(Natives.CUDA_FLAVOUR)).isTrue();
    assertThat(Natives.has("cu126")).isFalse();
    assertThat(Natives.flavour(pip(Natives.release() + "+cu126", "'12.6'"))).isEqualTo("cu128");
    assertThat(Natives.flavour(pip(Natives.release(), "None"))).isEqualTo("cpu");
  }

  @Test
  void cudasRuntimeIsFoundBesidePipsTorchAndInsideLibtorch() throws IOException {
    assertThat(TorchFolder.cudaRuntime(torch)).isEmpty();
    var runtime = Files.createDirectories(site.resolve("nvidia/cuda_runtime/lib"));
    Files.createFile(runtime.resolve("libcudart.so.12"));
    assertThat(TorchFolder.cudaRuntime(torch)).contains(runtime);
    assertThat(TorchFolder.cudaRuntime(libraries)).contains(runtime);
    Files.createFile(libraries.resolve("libcudart.so.12"));
    assertThat(TorchFolder.cudaRuntime(torch)).contains(libraries);
  }

  @Test
  void whatKeepsItFromAGpuIsSaidWithTheRemedy() throws IOException {
    var torch126 = pip("2.7.1+cu126", "'12.6'");
    assertThat(torch126.obstacle(driver(12_040, 9))).isEmpty();
    assertThat(torch126.obstacle(driver(11_070, 8)))
        .contains(
            "NVIDIA's driver serves CUDA 11.7 at most, but PyTorch 2.7.1+cu126 needs 12.6: install"
                + " driver 525 or a later one");
    assertThat(torch126.obstacle(driver(12_080, 12)))
        .contains(
            "GPU of 12 (compute capability 12.0) needs a PyTorch built for CUDA 12.8, and"
                + " 2.7.1+cu126 is not: install torch==2.7.1+cu128 from PyTorch's own index");
    var absent = new CudaDriver(Optional.of("no driver"), false, 0, List.of());
    assertThat(torch126.obstacle(absent)).contains("no driver");
    assertThat(pip("2.7.1+cpu", "None").obstacle(driver(12_080, 9)))
        .contains(
            "PyTorch 2.7.1+cpu in %s is built without CUDA: %s".formatted(libraries, install()));
  }

  private static CudaDriver driver(int cuda, int capability) {
    var gpu = new CudaDriver.Gpu("GPU of " + capability, 1L << 34, capability, 0);
    return new CudaDriver(Optional.empty(), true, cuda, List.of(gpu));
  }
}
