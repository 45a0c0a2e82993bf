namespace Ducts.WebApis;

/// <summary>Marks the endpoints of Web APIs.</summary>
/// <param name="route">What the endpoint answers.</param>
internal sealed class WebApiMetadata(WebApiRoute route)
{
    public WebApiRoute Route => route;
}
