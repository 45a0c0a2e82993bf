namespace Ducts;

/// <summary>
/// All options of a server. Each property is one section of the INI file; an option's INI name is its property's name
/// in snake_case.
/// </summary>
public sealed class DuctsOptions
{
    /// <summary>Section <c>ducts.common_config</c>.</summary>
    public CommonOptions Common { get; set; } = new();

    /// <summary>Section <c>ducts.server_config</c>.</summary>
    public ServerOptions Server { get; set; } = new();

    /// <summary>Section <c>web_service_discovery</c>.</summary>
    public WebServiceDiscoveryOptions WebServiceDiscovery { get; set; } = new();

    /// <summary>Section <c>web_socket_server</c>.</summary>
    public WebSocketServerOptions WebSocketServer { get; set; } = new();

    /// <summary>Section <c>ducts.event_config</c>.</summary>
    public EventOptions Event { get; set; } = new();

    /// <summary>Section <c>ducts.context_config</c>.</summary>
    public ContextOptions Context { get; set; } = new();

    /// <summary>Section <c>ducts.redis_config</c>.</summary>
    public RedisOptions Redis { get; set; } = new();

    /// <summary>Section <c>ducts.auth_config</c>.</summary>
    public AuthOptions Auth { get; set; } = new();

    /// <summary>Section <c>ducts.blobs_config</c>.</summary>
    public BlobsOptions Blobs { get; set; } = new();

    /// <summary>Section <c>ifconf</c>.</summary>
    public LogOptions Log { get; set; } = new();

    /// <summary>A path of these options made absolute: relative ones start from <see cref="CommonOptions.DuctsHome"/>.</summary>
    /// <param name="path">The option's value.</param>
    public string GetFullPath(string path) => Path.GetFullPath(path, Path.GetFullPath(Common.DuctsHome));
}
