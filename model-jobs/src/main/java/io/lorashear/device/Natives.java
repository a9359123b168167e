package io.lorashear.device;

import com.sun.jna.NativeLibrary;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The libraries between Java and PyTorch that come with the jars: one release, several flavours.
 */
public final class Natives {
  /** The only flavour for CUDA; it works with PyTorch for any CUDA 12, tested with 12.6. */
  static final String CUDA_FLAVOUR = "cu128";

  static final String CPU_FLAVOUR = "cpu";

  private static final String CUDA_MAJOR = "12";
  private static final String PROPERTIES = "/jnilib/pytorch.properties";

  private Natives() {}

  /**
   * Configures DJL. It must be called before DJL loads any library, because DJL inspects the
   * machine only once. Afterwards nothing is downloaded, tokenizers use the CPU's library, and the
   * CUDA runtime, which counts the GPUs, is also looked for where PyTorch has its own.
   */
  public static void settle() {
    if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    if (System.getenv("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", CPU_FLAVOUR);
    }
    PyTorch.variable()
        .flatMap(torch -> TorchFolder.cudaRuntime(Path.of(torch)))
        .ifPresent(runtime -> NativeLibrary.addSearchPath("cudart", runtime.toString()));
  }

  /** The release of PyTorch they were built for, for example 2.7.1. */
  static String release() {
    try (var in = resource(PROPERTIES)) {
      if (in == null) {
        throw new IllegalStateException("there is no pytorch-jni on the class path");
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("jni_version").replaceFirst("-.*", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the user can do to use another PyTorch. */
  static String remedy() {
    return "pip install torch==%s, and set LORASHEAR_TORCH to what python -c \"import torch;"
            .formatted(release())
        + " print(torch.__path__[0])\" prints";
  }

  /**
   * The flavour that fits {@code torch}.
   *
   * @throws InputException if none does: the functions of another release differ and would crash or
   *     compute wrong results
   */
  static String flavour(TorchFolder torch) {
    if (!torch.release().equals(release())) {
      throw new InputException(
          "PyTorch in %s is %s, but the libraries of DJL that call it were built for %s and crash"
              + " with another: %s",
          torch.libraries(), torch.version(), release(), remedy());
    }
    if (torch.cuda().isEmpty()) {
      return CPU_FLAVOUR;
    }
    var cuda = torch.cuda().get();
    if (!cuda.startsWith(CUDA_MAJOR + ".")) {
      throw new InputException(
          "PyTorch in %s is built for CUDA %s, but the libraries of DJL that call it for CUDA %s:"
              + " %s",
          torch.libraries(), cuda, CUDA_MAJOR, remedy());
    }
    if (!has(CUDA_FLAVOUR)) {
      throw new InputException(
          "PyTorch in %s is built for CUDA %s, but DJL has no library that calls it on %s: unset"
              + " LORASHEAR_TORCH",
          torch.libraries(), cuda, platform());
    }
    return CUDA_FLAVOUR;
  }

  /** Whether there is a library of this flavour for this system. */
  static boolean has(String flavour) {
    var name = System.mapLibraryName("djl_torch");
    try (var in = resource("/jnilib/" + platform() + "/" + flavour + "/" + name)) {
      return in != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The platform as the jars name it. DJL's own method would look for CUDA before it can be found.
   */
  static String platform() {
    var system = System.getProperty("os.name");
    var name = system.startsWith("Mac") ? "osx" : system.startsWith("Win") ? "win" : "linux";
    var processor = System.getProperty("os.arch");
    return name + "-" + (processor.equals("amd64") ? "x86_64" : processor);
  }

  private static @Nullable InputStream resource(String path) {
    return Natives.class.getResourceAsStream(path);
  }
}
