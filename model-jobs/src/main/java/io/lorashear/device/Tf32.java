package io.lorashear.device;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * PyTorch's switch for products of float32 numbers in a GPU's matrix units, where each factor is
 * rounded to 10 bits behind the point first. There is one for the process.
 *
 * <p>DJL does not reach it, so PyTorch's own function is called, which is looked up by its name in
 * the library that is loaded (Linux, where alone there are GPUs here).
 */
public final class Tf32 {
  private static final String LIBRARY = "/libtorch_cpu.so";
  private static final String CONTEXT = "_ZN2at13globalContextEv";
  private static final String SET = "_ZN2at7Context18setAllowTF32CuBLASEb";
  private static final String GET = "_ZNK2at7Context15allowTF32CuBLASEv";
  private static final String NVIDIA = "NVIDIA_TF32_OVERRIDE";

  private Tf32() {}

  /**
   * Whether products may be computed so from now on, whatever the environment says.
   *
   * @throws InputException where they may, and NVIDIA's libraries are told that they may not
   */
  public static void allow(boolean allowed) {
    if (allowed && "0".equals(System.getenv(NVIDIA))) {
      throw new InputException(
          "precision is tf32, but %s is 0 in the environment, which keeps NVIDIA's libraries from"
              + " it: unset it, or give float32",
          NVIDIA);
    }
    var torch = library();
    torch.getFunction(SET).invokeVoid(new Object[] {context(torch), allowed ? 1 : 0});
    if (allowed() != allowed) {
      throw new IllegalStateException("PyTorch's switch for TF32 stays " + !allowed);
    }
  }

  /** What it is now. */
  public static boolean allowed() {
    var torch = library();
    int answer = torch.getFunction(GET).invokeInt(new Object[] {context(torch)});
    return (answer & 0xff) != 0; // a C++ bool is one byte
  }

  private static Pointer context(NativeLibrary torch) {
    return torch.getFunction(CONTEXT).invokePointer(new Object[0]);
  }

  private static NativeLibrary library() {
    PyTorch.ofProcess();
    return NativeLibrary.getInstance(
        loaded().orElseThrow(() -> new IllegalStateException("no libtorch_cpu.so is loaded")));
  }

  /** Where this process has it from. */
  private static Optional<String> loaded() {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.endsWith(LIBRARY))
          .map(line -> line.substring(line.indexOf('/')))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
