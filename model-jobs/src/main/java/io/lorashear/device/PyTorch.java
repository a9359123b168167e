package io.lorashear.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PyTorch of this process, loaded once, on the first call: the one from the jars, which
 * computes on the CPU, or the one that {@code LORASHEAR_TORCH} names. All other settings follow
 * from that:
 *
 * <pre>
 *   LORASHEAR_TORCH=…/torch ──► PYTORCH_LIBRARY_PATH  …/torch/lib                where DJL looks
 *                               PYTORCH_VERSION       2.7.1                      its version
 *                               PYTORCH_FLAVOR        cu128, or cpu              what calls it
 *                               JNA's path            …/nvidia/cuda_runtime/lib  what counts GPUs
 * </pre>
 *
 * The library that calls CUDA loads only where NVIDIA's driver is installed; elsewhere a CUDA
 * PyTorch is called like one for the CPU.
 */
public final class PyTorch {
  /** The environment variable for the folder; the system property lorashear.torch overrides it. */
  public static final String VARIABLE = "LORASHEAR_TORCH";

  private static final String PROPERTY = "lorashear.torch";
  private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";
  private static final String VERSION = "PYTORCH_VERSION";
  private static final String FLAVOUR = "PYTORCH_FLAVOR";

  private static @Nullable PyTorch loaded;

  private final Engine engine;
  private final Optional<TorchFolder> named;
  private final CudaDriver driver;
  private Optional<String> withoutGpu = Optional.empty();
  private boolean looked;

  private PyTorch(Engine engine, Optional<TorchFolder> named, CudaDriver driver) {
    this.engine = engine;
    this.named = named;
    this.driver = driver;
  }

  /**
   * The engine of the PyTorch of this process.
   *
   * @throws InputException if the PyTorch that is named cannot be loaded
   */
  public static Engine engine() {
    return ofProcess().engine;
  }

  /**
   * The PyTorch of this process.
   *
   * @throws InputException if the PyTorch that is named cannot be loaded
   */
  public static synchronized PyTorch ofProcess() {
    if (loaded == null) {
      Natives.settle();
      var named = named();
      var driver = CudaDriver.ofMachine();
      named.ifPresent(torch -> derive(torch, driver));
      loaded = new PyTorch(start(named), named, driver);
    }
    return loaded;
  }

  private static Engine start(Optional<TorchFolder> named) {
    try {
      return Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError e) {
      if (named.isEmpty()) {
        throw e;
      }
      throw new InputException(
          e,
          "PyTorch %s in %s does not load: %s; unset %s to use the jars' own, or %s",
          named.get().version(),
          named.get().libraries(),
          reason(e),
          VARIABLE,
          Natives.remedy());
    }
  }

  /** The folder that the user named; DJL's own variable for it would not be sufficient alone. */
  private static Optional<TorchFolder> named() {
    var given = variable();
    if (given.isEmpty()) {
      var path = environment(LIBRARY_PATH);
      if (path.isPresent()) {
        throw new InputException(
            "%s is set to %s, which alone says neither the version nor who calls it: unset it, and"
                + " set %s to this folder",
            LIBRARY_PATH, path.get(), VARIABLE);
      }
      return Optional.empty();
    }
    return Optional.of(TorchFolder.open(Path.of(given.get()), VARIABLE));
  }

  /** Sets DJL's properties; DJL reads the environment first, so variables set there must agree. */
  private static void derive(TorchFolder torch, CudaDriver driver) {
    var flavour = Natives.flavour(torch);
    if (!driver.installed()) {
      flavour = Natives.CPU_FLAVOUR;
    }
    var values =
        Map.of(
            LIBRARY_PATH, torch.libraries().toString(), VERSION, torch.release(), FLAVOUR, flavour);
    values.forEach(
        (name, value) -> {
          var set = System.getenv(name);
          if (set != null && !set.equals(value)) {
            throw new InputException(
                "%s is set to '%s' in the environment, but PyTorch in %s needs %s: unset it",
                name, set, torch.libraries(), value);
          }
          System.setProperty(name, value);
        });
  }

  /** What the user named, as written; empty if the PyTorch from the jars is used. */
  public static Optional<String> variable() {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .filter(value -> !value.isBlank())
        .or(() -> environment(VARIABLE));
  }

  private static Optional<String> environment(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
  }

  /** What NVIDIA's driver reports. */
  public CudaDriver driver() {
    return driver;
  }

  /** Its version, for example 2.7.1+cu126. */
  public String version() {
    return named.map(TorchFolder::version).orElseGet(Natives::release);
  }

  /** Where it comes from: a folder, or "the jars". */
  public String origin() {
    return named.map(torch -> torch.libraries().toString()).orElse("the jars");
  }

  /** The flavour of the library that calls it: cpu, or cu128 for CUDA. */
  public String flavour() {
    return named.isEmpty() ? Natives.CPU_FLAVOUR : System.getProperty(FLAVOUR, "");
  }

  /** Whether a PyTorch for GPUs was named, or this machine has GPUs. */
  public boolean hasPartOfGpu() {
    return named.flatMap(TorchFolder::cuda).isPresent() || !driver.gpus().isEmpty();
  }

  /**
   * Why it cannot use a GPU, and what to do; empty if it can. A small matrix product is tried once.
   */
  public synchronized Optional<String> withoutGpu() {
    if (!looked) {
      withoutGpu = named.isEmpty() ? Optional.of(cpuOnly()) : named.get().obstacle(driver);
      if (withoutGpu.isEmpty()) {
        withoutGpu = tried();
      }
      looked = true;
    }
    return withoutGpu;
  }

  private static String cpuOnly() {
    return "the PyTorch of the jars computes on the CPU alone: " + Natives.remedy();
  }

  private Optional<String> tried() {
    try (var scope = engine.newBaseManager(Device.gpu())) {
      var ones = scope.ones(new Shape(2, 2));
      return ones.matMul(ones).sum().getFloat() == 8
          ? Optional.empty()
          : Optional.of("the GPU computes (1 1; 1 1)² wrongly");
    } catch (RuntimeException | LinkageError e) {
      return Optional.of("a small product on the GPU fails: " + reason(e));
    }
  }

  private static String reason(Throwable failure) {
    var first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return String.valueOf(first.getMessage()).strip().lines().findFirst().orElse("").strip();
  }
}
