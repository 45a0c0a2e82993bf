namespace Ducts.Client;

/// <summary>Lets the application change each request before it is sent.</summary>
internal sealed class ConfiguredRequests(Action<HttpRequestMessage> configure, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            configure(request);
        }
        catch (Exception exception)
        {
            throw new HttpRequestException("ConfigureRequest failed.", exception);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
