namespace Ducts.WebApis;

/// <summary>Marks the endpoints of Web APIs.</summary>
internal sealed class WebApiMetadata
{
    public static readonly WebApiMetadata Instance = new();
}
