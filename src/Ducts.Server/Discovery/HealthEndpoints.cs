using Ducts.Handlers;
using Ducts.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Discovery;

/// <summary>Tells supervisors whether the process is alive and whether it can serve.</summary>
internal sealed class HealthEndpoints(IServiceProvider services, HandlerRegistry registry, TimeProvider time, ILogger<HealthEndpoints> logger)
{
    private const string RedisOutOfReach = "Redis is out of reach";

    // Supervisors give up after one to five seconds; the answer "not ready" must come before that.
    private static readonly TimeSpan RedisPatience = TimeSpan.FromSeconds(0.8);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/healthz", HttpMethodList.GetAndHead, static context => AnswerAsync(context, null)).WithDisplayName("Ducts alive").WithOrder(EndpointOrder.Last);
        endpoints.MapMethods("/readyz", HttpMethodList.GetAndHead, AnswerReadyAsync).WithDisplayName("Ducts ready").WithOrder(EndpointOrder.Last);
    }

    private static Task AnswerAsync(HttpContext context, string? problem)
    {
        if (problem is not null)
            return HttpAnswer.WriteErrorAsync(context, StatusCodes.Status503ServiceUnavailable, problem);
        context.Response.Headers.CacheControl = "no-store";
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, "{\"status\":\"ok\"}"u8.ToArray());
    }

    private async Task AnswerReadyAsync(HttpContext context)
    {
        var problem = registry.Current == HandlerSnapshot.Empty ? "the handlers are not loaded yet" : await AskRedisAsync(context.RequestAborted);
        if (problem is not null)
            logger.NotReady(problem);
        await AnswerAsync(context, problem);
    }

    private async Task<string?> AskRedisAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Asked for here, for it is there only once the server has started.
            var redis = services.GetRequiredService<IRedisClient>();
            if (!redis.IsConnected)
                return RedisOutOfReach;
            await redis.ExecuteAsync("PING", ReadOnlySpan<RedisArgument>.Empty, cancellationToken).AsTask().WaitAsync(RedisPatience, time, cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is RedisClientException or TimeoutException or InvalidOperationException)
        {
            return RedisOutOfReach;
        }
    }
}
