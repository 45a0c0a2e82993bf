namespace Ducts;

/// <summary>Specifies the options of a server.</summary>
/// <remarks>
/// <para>
/// Each property is one section of the INI file, and an option's name there is its property's name in snake_case:
/// <c>options.WebSocketServer.PingPongInterval</c> is <c>ping_pong_interval</c> in section <c>web_socket_server</c>.
/// A hosted application also sets them in section <c>Ducts</c> of its configuration
/// (<c>Ducts:WebSocketServer:PingPongInterval</c>) and in the function given to <c>AddDucts</c>.
/// </para>
/// <para>
/// In text a duration is a number of seconds, such as <c>1.5</c>, or a time such as <c>00:00:01.5</c>. The options are
/// validated when the server starts; a value out of range makes the start fail with a message that names the option.
/// </para>
/// </remarks>
public sealed class DuctsOptions
{
    /// <summary>Gets or sets the folders of the server. INI section <c>ducts.common_config</c>.</summary>
    public DuctsCommonOptions Common { get; set; } = new();

    /// <summary>Gets or sets the HTTP options: address, proxies, paths. INI section <c>ducts.server_config</c>.</summary>
    public DuctsServerOptions Server { get; set; } = new();

    /// <summary>Gets or sets the templates of the service discovery reply. INI section <c>web_service_discovery</c>.</summary>
    public DuctsDiscoveryOptions WebServiceDiscovery { get; set; } = new();

    /// <summary>Gets or sets the timeouts and limits of sessions and their WebSockets. INI section <c>web_socket_server</c>.</summary>
    public DuctsWebSocketOptions WebSocketServer { get; set; } = new();

    /// <summary>Gets or sets where handlers are and what they may do. INI section <c>ducts.event_config</c>.</summary>
    public DuctsEventOptions Event { get; set; } = new();

    /// <summary>Gets or sets the compiled handlers. INI section <c>ducts.context_config</c>.</summary>
    public DuctsContextOptions Context { get; set; } = new();

    /// <summary>Gets or sets the store of contents in Redis, where <c>AddBlobs</c> was called. INI section <c>ducts.blobs_config</c>.</summary>
    public DuctsBlobsOptions Blobs { get; set; } = new();

    /// <summary>Gets or sets the connection to Redis. INI section <c>ducts.redis_config</c>.</summary>
    public DuctsRedisOptions Redis { get; set; } = new();

    /// <summary>Gets or sets who may connect and how sessions are recorded. INI section <c>ducts.auth_config</c>.</summary>
    public DuctsAuthOptions Auth { get; set; } = new();

    /// <summary>Gets or sets how much one session, user or address may use. INI section <c>ducts.limit_config</c>.</summary>
    public DuctsLimitOptions Limit { get; set; } = new();

    /// <summary>Gets or sets whether several servers share their sessions, and how. INI section <c>ducts.cluster_config</c>.</summary>
    public DuctsClusterOptions Cluster { get; set; } = new();

    /// <summary>Gets or sets the certificate of the <c>ducts</c> command. INI section <c>ducts.tls_config</c>.</summary>
    public DuctsTlsOptions Tls { get; set; } = new();

    /// <summary>Gets or sets the log of the <c>ducts</c> command. INI section <c>ifconf</c>.</summary>
    public DuctsLogOptions Log { get; set; } = new();

    /// <summary>Returns the absolute form of a path in these options. Relative paths are resolved against <see cref="DuctsCommonOptions.DuctsHome"/>.</summary>
    /// <param name="path">The option's value.</param>
    public string GetFullPath(string path) => Path.GetFullPath(path, Path.GetFullPath(Common.DuctsHome));
}
