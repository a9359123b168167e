package io.lorashear.device;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What NVIDIA's driver reports, queried without PyTorch, so that users can be told why PyTorch
 * finds no GPU. The functions are those of the CUDA driver API, sections 6.2 to 6.5 of its
 * reference.
 *
 * @param problem why no GPU can be used; empty if there is one
 * @param installed whether the driver's library is installed
 * @param cuda the latest CUDA version it supports, 1000·major + 10·minor; 0 if it does not say
 * @param gpus the GPUs a program may use, in the order of their numbers
 */
public record CudaDriver(Optional<String> problem, boolean installed, int cuda, List<Gpu> gpus) {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int MAJOR = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
  private static final int MINOR = 76;
  private static final int NO_DEVICE = 100;
  private static final int NAME_BYTES = 256;

  /**
   * One GPU.
   *
   * @param bytes all its memory, in use or not
   * @param major first part of its compute capability, for example 8 of 8.6
   * @param minor second part of its compute capability
   */
  public record Gpu(String name, long bytes, int major, int minor) {}

  /** The functions that are called, under the names that the library exports. */
  @SuppressWarnings({"checkstyle:MethodName", "MethodName"})
  interface Calls extends Library {
    int cuInit(int flags);

    int cuDriverGetVersion(int[] version);

    int cuDeviceGetCount(int[] count);

    int cuDeviceGet(int[] device, int ordinal);

    int cuDeviceGetName(byte[] name, int length, int device);

    int cuDeviceTotalMem_v2(long[] bytes, int device);

    int cuDeviceGetAttribute(int[] value, int attribute, int device);
  }

  /** Queries the driver of this machine. */
  public static CudaDriver ofMachine() {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return absent("a GPU needs Linux here, and one of NVIDIA's");
    }
    try {
      return of(Native.load(LIBRARY, Calls.class));
    } catch (UnsatisfiedLinkError e) {
      return absent(
          "NVIDIA's driver is not installed, or not shown to this container, as there is no "
              + LIBRARY
              + ": install it, or start the container with --gpus all");
    }
  }

  private static CudaDriver of(Calls driver) {
    var version = new int[1];
    driver.cuDriverGetVersion(version);
    int begun = driver.cuInit(0);
    if (begun != 0) {
      return without(refused(begun), version[0]);
    }
    var count = new int[1];
    int counted = driver.cuDeviceGetCount(count);
    if (counted != 0 || count[0] == 0) {
      return without(refused(counted == 0 ? NO_DEVICE : counted), version[0]);
    }
    var gpus = new ArrayList<Gpu>();
    for (int i = 0; i < count[0]; i++) {
      gpus.add(gpu(driver, i));
    }
    return new CudaDriver(Optional.empty(), true, version[0], List.copyOf(gpus));
  }

  private static Gpu gpu(Calls driver, int ordinal) {
    var device = new int[1];
    driver.cuDeviceGet(device, ordinal);
    var name = new byte[NAME_BYTES];
    driver.cuDeviceGetName(name, name.length, device[0]);
    var bytes = new long[1];
    driver.cuDeviceTotalMem_v2(bytes, device[0]);
    return new Gpu(
        new String(name, StandardCharsets.UTF_8).replaceFirst("\0.*", "").strip(),
        bytes[0],
        attribute(driver, MAJOR, device[0]),
        attribute(driver, MINOR, device[0]));
  }

  private static int attribute(Calls driver, int which, int device) {
    var value = new int[1];
    driver.cuDeviceGetAttribute(value, which, device);
    return value[0];
  }

  private static CudaDriver without(String problem, int cuda) {
    return new CudaDriver(Optional.of(problem), true, cuda, List.of());
  }

  private static CudaDriver absent(String problem) {
    return new CudaDriver(Optional.of(problem), false, 0, List.of());
  }

  /** An error of the driver as text; the codes are those of {@code CUresult}. */
  private static String refused(int code) {
    if (code == NO_DEVICE) {
      var visible = System.getenv("CUDA_VISIBLE_DEVICES");
      return visible == null
          ? "NVIDIA's driver finds no GPU in this machine (error 100)"
          : "NVIDIA's driver finds no GPU among CUDA_VISIBLE_DEVICES='%s' (error 100)"
              .formatted(visible);
    }
    var meaning =
        switch (code) {
          case 2 -> "the GPU has no memory left";
          case 802 -> "the system is not ready: start NVIDIA's fabric manager";
          case 803 -> "the driver's library is another version than its kernel module: restart";
          case 804 -> "the compatibility library does not serve this GPU";
          default -> "run nvidia-smi to see what is wrong";
        };
    return "NVIDIA's driver does not start (error %d): %s".formatted(code, meaning);
  }

  /** The latest CUDA version it supports, as text: 12.8. */
  public String cudaText() {
    return cuda / 1000 + "." + cuda % 1000 / 10;
  }
}
