package consumer;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.UnauthorizedException;
import java.time.Duration;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Asks for a task that doesn't exist, which is never billed: the service says so, or is down. */
@Component
class NanoBananaHealthIndicator implements HealthIndicator, AutoCloseable {
  private final NanoBanana nanoBanana;

  NanoBananaHealthIndicator(NanoBanana nanoBanana) {
    this.nanoBanana =
        nanoBanana
            .newBuilder()
            .callTimeout(Duration.ofSeconds(5))
            .retryPolicy(RetryPolicy.NEVER)
            .build();
  }

  @Override
  public void close() {
    nanoBanana.close();
  }

  @Override
  public Health health() {
    try {
      nanoBanana.result("health");
      return Health.up().build();
    } catch (UnauthorizedException e) {
      return Health.down(e).build();
    } catch (RefusedException e) {
      return Health.up().build();
    } catch (NanoBananaException e) {
      return Health.down(e).build();
    }
  }
}
