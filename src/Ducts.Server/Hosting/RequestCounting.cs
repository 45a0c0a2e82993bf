using Ducts.Connections.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Ducts.Hosting;

/// <summary>Tells the connections of the socket transport which of their requests are being answered.</summary>
internal sealed class RequestCounting : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static next => context => context.Features.Get<IRequestCount>() is { } requests ? CountAsync(requests, next, context) : next(context));
        next(app);
    };

    private static async Task CountAsync(IRequestCount requests, RequestDelegate next, HttpContext context)
    {
        requests.Began();
        try
        {
            await next(context);
        }
        finally
        {
            requests.Ended();
        }
    }
}
