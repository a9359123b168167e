
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Runs conf/kubernetes/ingest.yaml, and ingest in cluster mode by bin/lorashear, with Spark's own client: against
 * fabric8's API server, and with pods that podman runs. {@code CheckPods HOME WORK IMAGE [client|cluster]} is
 * called by .ci/check_pods.sh.
 *
 * <p>The server refuses what the Role of access.yaml does not allow the driver, and pods that the namespace's level of
 * pod security does not admit. All pods share this machine's network.
 */
final class CheckPods {
  private static final String NAMESPACE = "lorashear";
  private static final String ADDRESS = "127.0.0.1";
  private static final Path TOKENS = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final Path home;
  private final Path work;
  private final String image;
  private final Map<String, Process> running = new ConcurrentHashMap<>();
  private final Map<String, Integer> ended = new ConcurrentHashMap<>();
  private final Map<String, Pod> seen = new ConcurrentHashMap<>();
  private final ApiServer guard = new ApiServer();
  private final KubernetesMockServer server;
  private final KubernetesClient client;

  private CheckPods(Path home, Path work, String image) throws Exception {
    this.home = home;
    this.work = work;
    this.image = image;
    server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), guard, false);
    server.init(InetAddress.getByName(ADDRESS), 0);
    client = server.createClient();
  }

  public static void main(String[] arguments) throws Exception {
    java.util.logging.LogManager.getLogManager().reset();
    var parts = List.of(arguments).subList(3, arguments.length);
    var check = new CheckPods(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    try {
      check.prepare();
      if (parts.isEmpty() || parts.contains("client")) check.aJobInClientMode();
      if (parts.isEmpty() || parts.contains("cluster")) check.aDriverInClusterMode();
      check.theRoleIsWhatSparkUses();
    } finally {
      check.running.keySet().forEach(name -> check.podman("rm", "--force", "--time", "2", name));
      check.server.destroy();
    }
    System.exit(0);
  }

  /** What people apply first. */
  private void prepare() throws Exception {
    for (var file : List.of("access.yaml", "storage.yaml", "settings.yaml")) {
      client.load(Files.newInputStream(home.resolve("conf/kubernetes").resolve(file))).inNamespace(NAMESPACE).create();
    }
    var role = client.resources(Role.class).inNamespace(NAMESPACE).withName("lorashear-driver").get();
    for (var rule : role.getRules()) {
      for (var resource : rule.getResources()) {
        rule.getVerbs().forEach(verb -> guard.roleAllows.add(verb + " " + resource));
      }
    }
    Files.writeString(Files.createDirectories(work.resolve("token")).resolve("token"), ApiServer.TOKEN);
    client.pods().inNamespace(NAMESPACE).inform(new Kubelet(this));
  }

  private void settings(String output) {
    var text =
        "sources: [{corpus: wikipedia, paths: [/data/sample/wikipedia]}, {corpus: alpaca, paths: [/data/sample/alpaca]}]\n"
            + "tokenizer: /data/sample/tokenizer.json\noutput: /data/%s\n".formatted(output);
    var map = new ConfigMapBuilder().withNewMetadata().withName("lorashear-settings").endMetadata()
        .addToData("ingest.yaml", text).build();
    client.configMaps().inNamespace(NAMESPACE).resource(map).delete();
    client.configMaps().inNamespace(NAMESPACE).resource(map).create();
  }

  /** A small machine, and a folder that all pods see. */
  private String small() {
    var volume = "spark.kubernetes.%s.volumes.persistentVolumeClaim.data.";
    var settings = new TreeMap<>(Map.of(
        "spark.kubernetes.container.image", image,
        "spark.executor.instances", "1",
        "spark.executor.cores", "1",
        "spark.kubernetes.executor.request.cores", "100m",
        "spark.executor.memory", "600m",
        "spark.executor.memoryOverhead", "400m",
        "spark.sql.shuffle.partitions", "4",
        "spark.ui.enabled", "false"));
    settings.put("spark.kubernetes.driver.master", master().substring("k8s://".length()));
    // A busy machine answers late.
    for (var what : List.of("submission.requestTimeout", "submission.connectionTimeout", "driver.requestTimeout")) {
      settings.put("spark.kubernetes." + what, "120000");
    }
    for (var role : List.of("executor", "driver")) {
      settings.put(volume.formatted(role) + "options.claimName", "lorashear-data");
      settings.put(volume.formatted(role) + "mount.path", "/data");
    }
    return settings.entrySet().stream()
        .map(setting -> "--conf " + setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }

  private String master() {
    return "k8s://http://" + ADDRESS + ":" + server.getPort();
  }

  /** conf/kubernetes/ingest.yaml as it is, but for the image, the server's address, the heap and the folder. */
  private void aJobInClientMode() throws Exception {
    settings("client");
    var job = Serialization.unmarshal(Files.readString(home.resolve("conf/kubernetes/ingest.yaml")), Job.class);
    var template = job.getSpec().getTemplate();
    var container = template.getSpec().getContainers().get(0);
    container.setImage(image);
    container.setArgs(container.getArgs().stream().map(word -> word.startsWith("k8s://") ? master() : word).toList());
    for (var variable : container.getEnv()) {
      if (variable.getName().equals("LORASHEAR_HEAP")) variable.setValue("700m");
      if (variable.getName().equals("LORASHEAR_SUBMIT")) variable.setValue(variable.getValue() + " " + small());
    }
    var driver =
        new PodBuilder()
            .withNewMetadata().withName("ingest-driver").withLabels(template.getMetadata().getLabels()).endMetadata()
            .withSpec(template.getSpec())
            .editSpec()
            .addNewVolume().withName("data").withNewPersistentVolumeClaim("lorashear-data", false).endVolume()
            .editContainer(0).addNewVolumeMount().withName("data").withMountPath("/data").endVolumeMount().endContainer()
            .endSpec()
            .build();
    client.pods().inNamespace(NAMESPACE).resource(driver).create();
    expect(ended("ingest-driver") == 0, "the driver ended with " + ended.get("ingest-driver") + ": " + log("ingest-driver"));
    var executors = executors();
    expect(!executors.isEmpty(), "no executor ran");
    var owner = executors.get(0).getMetadata().getOwnerReferences();
    expect(owner.size() == 1 && owner.get(0).getName().equals("ingest-driver"), "executors belong to " + owner);
    expect(client.pods().inNamespace(NAMESPACE).withLabel("spark-role", "executor").list().getItems().isEmpty(),
        "executors are left behind");
    say("a job, client mode: driver done, " + executors.size() + " executor, which the driver's pod owns, removed");
    same("client");
  }

  private void aDriverInClusterMode() throws Exception {
    settings("cluster");
    executors().forEach(pod -> seen.remove(pod.getMetadata().getName()));
    var builder = new ProcessBuilder(home.resolve("bin/lorashear").toString(),
        "--master", master(), "ingest", "--config", "/settings/ingest.yaml");
    builder.directory(home.toFile()).redirectErrorStream(true).redirectOutput(work.resolve("submit.log").toFile());
    builder.environment().keySet().removeAll(List.of("SPARK_HOME"));
    builder.environment().putAll(Map.of(
        "LORASHEAR_HEAP", "700m",
        "LORASHEAR_TORCH", "/work/torch 271",
        "LORASHEAR_SUBMIT", "--properties-file conf/spark/kubernetes.conf --deploy-mode cluster "
            + "--conf spark.kubernetes.driver.podTemplateFile=conf/kubernetes/driver.yaml " + small()));
    var code = builder.start().waitFor();
    var name = seen.keySet().stream().filter(pod -> pod.startsWith("io-lorashear")).findFirst()
        .orElseThrow(() -> failure("no driver was made: " + read(work.resolve("submit.log"))));
    expect(code == 0 && ended(name) == 0, "submitting ended with " + code + ", the driver: " + log(name));
    var pod = seen.get(name);
    var container = pod.getSpec().getContainers().get(0);
    var limits = container.getResources().getLimits();
    expect("1".equals(limits.get("nvidia.com/gpu").toString()), "no GPU among " + limits);
    expect(pod.getSpec().getTolerations().stream().anyMatch(some -> "nvidia.com/gpu".equals(some.getKey())), "no toleration");
    expect("/work/torch 271".equals(variables(pod, container).get("LORASHEAR_TORCH")), "LORASHEAR_TORCH is not passed on");
    say("cluster mode: driver done, with memory " + limits.get("memory") + ", a GPU, its toleration, LORASHEAR_TORCH; "
        + executors().size() + " executor");
    same("cluster");
  }

  /** Rights that nothing used are too many, except for volumes on demand. */
  private void theRoleIsWhatSparkUses() {
    say("rights used: " + String.join(", ", guard.used));
    say("rights given and not used here: " + guard.roleAllows.stream().filter(right -> !guard.used.contains(right)).sorted()
        .collect(Collectors.joining(", ")));
    say("refused: " + guard.refused);
    expect(guard.refused.isEmpty(), "the role lacks " + guard.refused);
  }

  private List<Pod> executors() {
    return seen.values().stream()
        .filter(pod -> "executor".equals(pod.getMetadata().getLabels().get("spark-role"))).toList();
  }

  private int ended(String pod) throws InterruptedException {
    for (int tenths = 0; tenths < 6000 && !ended.containsKey(pod); tenths++) Thread.sleep(100);
    return ended.getOrDefault(pod, -1);
  }

  private String log(String pod) {
    var text = read(work.resolve(pod + ".log"));
    return text.substring(Math.max(0, text.length() - 6000));
  }

  /** Compares with what one process made. */
  private void same(String name) throws Exception {
    var compared = new ProcessBuilder("diff", "-r", "--exclude=runs", work.resolve("claims/lorashear-data/local").toString(),
        work.resolve("claims/lorashear-data").resolve(name).toString()).redirectErrorStream(true).start();
    var told = new String(compared.getInputStream().readAllBytes());
    expect(compared.waitFor() == 0, name + ": other files than one process makes: " + told);
    say(name + ": the same bytes as one process makes");
  }

  private void podman(String... words) {
    try {
      new ProcessBuilder(podmanWords(words)).redirectErrorStream(true).redirectOutput(work.resolve("podman.log").toFile())
          .start().waitFor();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> podmanWords(String... words) {
    var all = new ArrayList<>(List.of("podman", "--runtime", "runc"));
    all.addAll(Arrays.asList(words));
    return all;
  }

  /** A container's environment, as Kubernetes reckons it. */
  private static Map<String, String> variables(Pod pod, Container container) {
    var variables = new TreeMap<String, String>();
    for (EnvVar variable : container.getEnv()) {
      var source = variable.getValueFrom();
      var value = variable.getValue() == null ? "" : variable.getValue();
      if (source != null && source.getFieldRef() != null) {
        value = source.getFieldRef().getFieldPath().equals("metadata.name") ? pod.getMetadata().getName() : ADDRESS;
      }
      for (var earlier : variables.entrySet()) {
        value = value.replace("$(" + earlier.getKey() + ")", earlier.getValue());
      }
      variables.put(variable.getName(), value);
    }
    return variables;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return "(no " + file.getFileName() + ")";
    }
  }

  private static void say(String text) {
    System.out.println(text);
  }

  private static IllegalStateException failure(String text) {
    return new IllegalStateException("FAILED  " + text);
  }

  private static void expect(boolean holds, String otherwise) {
    if (!holds) throw failure(otherwise);
  }

  /** Starts and stops containers, and tells the server how they are. */
  private record Kubelet(CheckPods check) implements io.fabric8.kubernetes.client.informers.ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      if (check.seen.putIfAbsent(pod.getMetadata().getName(), pod) == null) new Thread(() -> run(pod)).start();
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {}

    @Override
    public void onDelete(Pod pod, boolean unknown) {
      new Thread(() -> check.podman("stop", "--time", "10", pod.getMetadata().getName())).start();
    }

    private void run(Pod pod) {
      var name = pod.getMetadata().getName();
      try {
        var process = new ProcessBuilder(words(pod)).redirectErrorStream(true)
            .redirectOutput(check.work.resolve(name + ".log").toFile()).start();
        check.running.put(name, process);
        tell(name, "Running", null);
        int code = process.waitFor();
        tell(name, code == 0 ? "Succeeded" : "Failed", code);
        check.ended.put(name, code);
      } catch (Exception e) {
        say(name + ": " + e);
        check.ended.put(name, -2);
      }
    }

    private void tell(String name, String phase, Integer code) {
      var at = check.client.pods().inNamespace(NAMESPACE).withName(name);
      if (at.get() == null) return;
      at.editStatus(pod -> new PodBuilder(pod).editOrNewStatus().withPhase(phase).withPodIP(ADDRESS)
          .withContainerStatuses(new io.fabric8.kubernetes.api.model.ContainerStatusBuilder()
              .withName(pod.getSpec().getContainers().get(0).getName())
              .withState(code == null
                  ? new io.fabric8.kubernetes.api.model.ContainerStateBuilder().withNewRunning().endRunning().build()
                  : new io.fabric8.kubernetes.api.model.ContainerStateBuilder().withNewTerminated().withExitCode(code).endTerminated().build())
              .build())
          .endStatus().build());
    }

    private List<String> words(Pod pod) throws Exception {
      var spec = pod.getSpec();
      var container = new ContainerBuilder(spec.getContainers().get(0)).build();
      var name = pod.getMetadata().getName();
      var words = podmanWords("run", "--rm", "--name", name, "--network", "host", "--cap-drop", "all",
          "--security-opt", "no-new-privileges", "--ulimit", "nofile=10000:10000", "--ulimit", "nproc=30000:30000",
          "--user", spec.getSecurityContext().getRunAsUser() + ":" + spec.getSecurityContext().getRunAsGroup());
      if (Boolean.TRUE.equals(container.getSecurityContext().getReadOnlyRootFilesystem())) {
        words.addAll(List.of("--read-only", "--read-only-tmpfs=false"));
      }
      variables(pod, container).forEach((key, value) -> words.addAll(List.of("--env", key + "=" + value)));
      for (var mount : container.getVolumeMounts()) {
        var volume = spec.getVolumes().stream().filter(some -> some.getName().equals(mount.getName())).findFirst().orElseThrow();
        words.addAll(List.of("--volume", folder(name, volume) + ":" + mount.getMountPath()));
      }
      for (Service service : check.client.services().inNamespace(NAMESPACE).list().getItems()) {
        words.addAll(List.of("--add-host", service.getMetadata().getName() + "." + NAMESPACE + ".svc:" + ADDRESS));
      }
      if (spec.getServiceAccountName() != null && !Boolean.FALSE.equals(spec.getAutomountServiceAccountToken())) {
        words.addAll(List.of("--volume", check.work.resolve("token") + ":" + TOKENS + ":ro"));
      }
      words.add(container.getImage());
      words.addAll(container.getArgs());
      return words;
    }

    /** What a volume is on this machine; everyone may write to it, as to those of Kubernetes with fsGroup. */
    private Path folder(String pod, Volume volume) throws Exception {
      var folder = check.work.resolve("pods").resolve(pod).resolve(volume.getName());
      if (volume.getPersistentVolumeClaim() != null) {
        folder = check.work.resolve("claims").resolve(volume.getPersistentVolumeClaim().getClaimName());
      }
      Files.createDirectories(folder);
      if (volume.getConfigMap() != null) {
        // Spark makes it after the driver's pod, which waits for it.
        var map = check.client.configMaps().inNamespace(NAMESPACE).withName(volume.getConfigMap().getName())
            .waitUntilCondition(found -> found != null, 60, java.util.concurrent.TimeUnit.SECONDS);
        for (var file : map.getData().entrySet()) {
          Files.writeString(folder.resolve(key(volume, file.getKey())), file.getValue());
        }
      }
      Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
      return folder;
    }

    private static String key(Volume volume, String key) {
      return volume.getConfigMap().getItems().stream().filter(item -> item.getKey().equals(key))
          .map(item -> item.getPath()).findFirst().orElse(key);
    }
  }
}
