using Ducts.Cluster;
using Ducts.Handlers;
using Ducts.Redis;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Healthy once the handlers are loaded.</summary>
internal sealed class HandlersHealthCheck(HandlerRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.Current == HandlerSnapshot.Empty
            ? new HealthCheckResult(context.Registration.FailureStatus, "the handlers are not loaded yet")
            : HealthCheckResult.Healthy());
}

/// <summary>Healthy while the server may open sessions as a node of its cluster; always where it is none.</summary>
internal sealed class NodeHealthCheck(IServiceProvider services, IOptions<DuctsOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(!options.Value.Cluster.Cluster || services.GetRequiredService<NodeLease>().IsValid
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "this node has not joined the cluster, or cannot renew its lease in Redis"));
}

/// <summary>Healthy while Redis takes writes; a replica, a full one or one that cannot save answers reads only.</summary>
internal sealed class RedisHealthCheck(IServiceProvider services, IOptions<DuctsOptions> options, TimeProvider time) : IHealthCheck
{
    private const string OutOfReach = "Redis is out of reach";

    // Supervisors give up after one to five seconds; the answer "not ready" must come before that.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(0.8);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await FindProblemAsync(cancellationToken) is { } problem
            ? new HealthCheckResult(context.Registration.FailureStatus, problem)
            : HealthCheckResult.Healthy();

    /// <summary>Returns why Redis cannot be used, in words for clients: of Redis' own text the code, for the rest may name hosts and users.</summary>
    public static string Describe(RedisClientException exception) =>
        exception is RedisErrorException error ? $"Redis does not take writes: {error.Code}" : OutOfReach;

    private async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Asked for here, for it is there only once the server has started.
            var redis = services.GetRequiredService<IRedisClient>();
            if (!redis.IsConnected)
            {
                return OutOfReach;
            }

            // The commands that open sessions, on keys that are never made: they need all that a write needs, and write nothing.
            var auth = options.Value.Auth;
            RedisArgument[] entry = [auth.StreamKeyForSessionOpened + "/READY", "NOMKSTREAM", "*", "ready", "?"];
            RedisArgument[] ticket = [auth.TicketKeyOf("READY"), "?", "XX", "PX", 1];
            await Task.WhenAll(
                redis.ExecuteAsync("XADD", entry, cancellationToken).AsTask(),
                redis.ExecuteAsync("SET", ticket, cancellationToken).AsTask()).WaitAsync(Timeout, time, cancellationToken);
            return null;
        }
        catch (RedisErrorException exception)
        {
            return $"Redis does not take writes: {exception.Message}";
        }
        catch (Exception exception) when (exception is RedisUnavailableException or TimeoutException or InvalidOperationException)
        {
            return OutOfReach;
        }
    }
}

/// <summary>Writes the answers of <c>/healthz</c> and <c>/readyz</c>.</summary>
internal static class HealthAnswer
{
    private static readonly byte[] Healthy = [.. "{\"status\":\"ok\"}"u8];

    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var problems = report.Entries.Where(static entry => entry.Value.Status == HealthStatus.Unhealthy).Select(static entry => entry.Value.Description ?? $"{entry.Key} is unhealthy");
        if (report.Status == HealthStatus.Unhealthy)
        {
            return HttpAnswer.WriteErrorAsync(context, context.Response.StatusCode, string.Join("; ", problems));
        }

        context.Response.Headers.CacheControl = "no-store";
        return HttpAnswer.WriteAsync(context, context.Response.StatusCode, HttpAnswer.Json, Healthy);
    }
}
