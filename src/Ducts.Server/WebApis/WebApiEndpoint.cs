using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>Answers one route; its binding is compiled at the first request, so that a start does not pay for it.</summary>
internal sealed class WebApiEndpoint(
    WebApiRoute route,
    HandlerGeneration? generation,
    WebApiBinder binder,
    WebApiErrors errors,
    ServerStop stop,
    Func<WebApiRoute, WebApiEndpoint?> successorOf)
{
    private readonly Lazy<RequestDelegate> _answer = new(() => binder.Compile(route));

    // As over a WebSocket: streams end when the stop begins, single answers have their time.
    private readonly CancellationToken _stopped = ResultFilters.IsSequence(route.Method) ? stop.Begun : stop.Over;

    public WebApiRoute Route => route;

    public async Task AnswerAsync(HttpContext context)
    {
        // A replaced handler is disposed, and its code unloaded, only after its last request.
        if (generation?.TryEnter() == false)
        {
            await AnswerOtherwiseAsync(context);
            return;
        }

        var services = context.RequestServices;
        var clientGone = context.RequestAborted;
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(clientGone, _stopped);
        context.RequestAborted = aborted.Token;
        stop.BeginRequest();
        try
        {
            context.RequestServices = new HandlerServices(services);
            await _answer.Value(context);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested && !clientGone.IsCancellationRequested)
        {
            await WebApiErrors.AnswerStoppingAsync(context);
        }
        catch (Exception exception)
        {
            // A handler's fault is its caller's problem and nobody else's.
            await errors.AnswerAsync(context, exception, Route.Method.Module.Assembly);
        }
        finally
        {
            context.RequestServices = services;
            context.RequestAborted = clientGone;
            generation?.Leave();
            stop.EndRequest();
        }
    }

    // Since routing chose this endpoint its handler was replaced, and ended; the request is for what answers there now.
    private Task AnswerOtherwiseAsync(HttpContext context)
    {
        if (successorOf(route) is { } successor && successor != this)
            return successor.AnswerAsync(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
