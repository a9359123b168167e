package io.lorashear.doctor;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.lorashear.device.CudaDriver;
import io.lorashear.device.PyTorch;
import io.lorashear.run.DiskSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which PyTorch is used, and on what it can compute. */
final class TorchFindings {
  private TorchFindings() {}

  static List<Finding> of(PyTorch torch) {
    var findings = new ArrayList<Finding>();
    findings.add(
        Finding.ok(
            "pytorch",
            "%s of %s, called as %s".formatted(torch.version(), torch.origin(), torch.flavour()),
            Map.of(
                "version", torch.version(), "flavour", torch.flavour(), "from", torch.origin())));
    var driver = torch.driver();
    for (var gpu : driver.gpus()) {
      findings.add(gpu(gpu, driver));
    }
    var without = torch.withoutGpu();
    boolean usable = without.isEmpty();
    if (usable) {
      var memory = CudaUtils.getGpuMemory(Device.gpu());
      long free = memory.getMax() - memory.getUsed();
      findings.add(
          Finding.ok(
              "use of gpu",
              "a small product was computed on the first; %s of its memory are free"
                  .formatted(DiskSpace.text(free)),
              Map.of("usable", true, "freeBytes", free)));
    } else {
      findings.add(none(torch, without.get()));
    }
    findings.add(usable ? brainFloat(driver.gpus().get(0)) : Machine.brainFloat());
    return findings;
  }

  private static Finding gpu(CudaDriver.Gpu gpu, CudaDriver driver) {
    return Finding.ok(
        "gpu",
        "%s, %s, compute capability %d.%d; the driver serves CUDA %s"
            .formatted(
                gpu.name(),
                DiskSpace.text(gpu.bytes()),
                gpu.major(),
                gpu.minor(),
                driver.cudaText()),
        Map.of(
            "name", gpu.name(),
            "bytes", gpu.bytes(),
            "computeCapability", gpu.major() + "." + gpu.minor(),
            "cuda", driver.cudaText()));
  }

  /** A machine may well have no GPU; then nothing is lacking, unless one was to be used. */
  private static Finding none(PyTorch torch, String reason) {
    var facts = Map.<String, Object>of("usable", false);
    if (torch.hasPartOfGpu()) {
      return Finding.lack("use of gpu", "none: models run on the CPU", reason, facts);
    }
    var driver = torch.driver().problem().orElse(reason);
    return Finding.ok("use of gpu", "none, models run on the CPU; for one: " + driver, facts);
  }

  private static Finding brainFloat(CudaDriver.Gpu gpu) {
    boolean has = gpu.major() >= 8;
    var facts = Map.<String, Object>of("hardware", has);
    return has
        ? Finding.ok("bfloat16", "computed by the GPU", facts)
        : Finding.lack(
            "bfloat16",
            "not computed by the GPU, which is before compute capability 8.0",
            "leave precision at float32",
            facts);
  }
}
