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
 * PyTorch's switch for float32 matrix products on a GPU's TF32 units, which first round each factor
 * to 10 mantissa bits. There is one switch per process.
 *
 * <p>DJL does not expose it, so PyTorch's own function is looked up by name in the loaded library
 * and called (only on Linux, because GPUs are supported there alone).
 */
public final class Tf32 {
  private static final String LIBRARY = "/libtorch_cpu.so";
  private static final String CONTEXT = "_ZN2at13globalContextEv";
  private static final String SET = "_ZN2at7Context18setAllowTF32CuBLASEb";
  private static final String GET = "_ZNK2at7Context15allowTF32CuBLASEv";
  private static final String NVIDIA = "NVIDIA_TF32_OVERRIDE";

  private Tf32() {}

  /**
   * Sets whether products may use TF32 from now on, whatever the environment says.
   *
   * @throws InputException if they may, but the environment forbids it to NVIDIA's libraries
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

  /** The current state of the switch. */
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

  /** The path from which this process loaded the library. */
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
