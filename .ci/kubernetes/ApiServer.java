import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** The server: it asks the role, and the standard of pod security, before it does something. */
final class ApiServer extends KubernetesCrudDispatcher {
  static final String TOKEN = "driver-of-the-check";

  final Set<String> roleAllows = new ConcurrentSkipListSet<>();
  final Set<String> used = new ConcurrentSkipListSet<>();
  final Set<String> refused = new ConcurrentSkipListSet<>();

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    var right = right(request);
    if (("Bearer " + TOKEN).equals(request.getHeader("Authorization"))) {
      used.add(right);
      if (!roleAllows.contains(right)) {
        refused.add(right);
        return forbidden(right + " is not allowed by the role");
      }
    }
    if (right.equals("create pods")) {
      var pod = Serialization.unmarshal(new String(request.getBody().getBytes(), UTF_8), Pod.class);
      var lax = lax(pod.getSpec());
      if (!lax.isEmpty()) {
        refused.add("a pod: " + lax);
        return forbidden("violates PodSecurity \"restricted:latest\": " + lax);
      }
      // A real server does this; Spark relies on it.
      var pending = new PodBuilder(pod).withNewStatus().withPhase("Pending").endStatus().build();
      return super.dispatch(new RecordedRequest(request.getHttpVersion(), request.method(), request.getPath(),
          request.getHeaders(), new Buffer(Serialization.asJson(pending).getBytes(UTF_8))));
    }
    // Spark's client applies what it makes, and fabric8's server changes only what is there.
    var address = URI.create(request.getPath()).getPath();
    if (request.getMethod().equals("PATCH") && request.getHeader("Content-Type").contains("apply-patch")
        && handleGet(address).code() == 404) {
      return super.dispatch(new RecordedRequest(request.getHttpVersion(), HttpMethod.POST,
          address.substring(0, address.lastIndexOf('/')), request.getHeaders(), request.getBody()));
    }
    return super.dispatch(request);
  }

  private static MockResponse forbidden(String reason) {
    return new MockResponse().setResponseCode(403).setBody(
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Forbidden\",\"code\":403,\"message\":\""
            + reason.replace("\"", "'") + "\"}");
  }

  /** The verb and the resource, as the API server names them. */
  private static String right(RecordedRequest request) {
    var address = URI.create(request.getPath());
    var parts = List.of(address.getPath().split("/"));
    int at = parts.contains("namespaces") ? parts.indexOf("namespaces") + 2 : parts.size();
    if (parts.size() <= at) return request.getMethod() + " " + address.getPath();
    boolean one = parts.size() > at + 1;
    var query = address.getQuery() == null ? "" : address.getQuery();
    var verb = switch (request.getMethod()) {
      case "GET" -> query.contains("watch=true") ? "watch" : one ? "get" : "list";
      case "DELETE" -> one ? "delete" : "deletecollection";
      case "POST" -> "create";
      case "PUT" -> "update";
      default -> request.getMethod().toLowerCase(java.util.Locale.ROOT);
    };
    return verb + " " + parts.get(at) + (parts.size() > at + 2 ? "/" + parts.get(at + 2) : "");
  }

  /** What the level "restricted" does not admit. */
  private static List<String> lax(PodSpec spec) {
    var lax = new ArrayList<String>();
    var context = spec.getSecurityContext();
    if (context == null || !Boolean.TRUE.equals(context.getRunAsNonRoot())) lax.add("runAsNonRoot");
    if (context == null || context.getSeccompProfile() == null) lax.add("seccompProfile");
    for (var container : spec.getContainers()) {
      var own = container.getSecurityContext();
      if (own == null || !Boolean.FALSE.equals(own.getAllowPrivilegeEscalation())) lax.add("allowPrivilegeEscalation");
      if (own == null || own.getCapabilities() == null || !own.getCapabilities().getDrop().contains("ALL")) lax.add("capabilities");
    }
    return lax;
  }
}
