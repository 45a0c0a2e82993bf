namespace Ducts;

/// <summary>Specifies the reply of service discovery. INI section <c>web_service_discovery</c>.</summary>
/// <remarks>
/// The values are templates. The server replaces each name in braces: <c>{session_id}</c>, <c>{ws_host}</c>, <c>{ws_scheme}</c>,
/// <c>{api_host}</c> and <c>{api_scheme}</c> from the request, <c>{root_path_websocket}</c>, <c>{root_path_api}</c> and
/// <c>{root_path_libs}</c> as whole paths, and each option of <c>ducts.server_config</c>. <c>{{</c> and <c>}}</c> are
/// the braces themselves. Change them where clients reach the server at another address than the one they called, such
/// as a separate host for WebSockets.
/// </remarks>
[Section("web_service_discovery", "ducts.server.config")]
public sealed class DuctsDiscoveryOptions
{
    /// <summary>Gets or sets the template of <c>websocket_host</c>. Default: <c>{ws_host}</c>.</summary>
    [Option("template of websocket_host")]
    public string WebsocketHost { get; set; } = "{ws_host}";

    /// <summary>
    /// Gets or sets the template of <c>websocket_url</c>, where clients open a session's first WebSocket. It must contain
    /// <c>{session_id}</c>. Default: <c>{ws_scheme}://{ws_host}{root_path_websocket}{session_id}</c>.
    /// </summary>
    [Option("template of websocket_url")]
    public string WebsocketUrl { get; set; } = "{ws_scheme}://{ws_host}{root_path_websocket}{session_id}";

    /// <summary>
    /// Gets or sets the template of <c>websocket_url_reconnect</c>, where clients open a new WebSocket for a session
    /// that lost its connection. It must contain <c>{session_id}</c>. Default:
    /// <c>{ws_scheme}://{ws_host}{root_path_websocket}{session_id}/reconnect</c>.
    /// </summary>
    [Option("template of websocket_url_reconnect")]
    public string WebsocketUrlReconnect { get; set; } = "{ws_scheme}://{ws_host}{root_path_websocket}{session_id}/reconnect";

    /// <summary>Gets or sets the template of <c>api_host</c>. Default: <c>{api_host}</c>.</summary>
    [Option("template of api_host")]
    public string ApiHost { get; set; } = "{api_host}";

    /// <summary>
    /// Gets or sets the template of <c>api_url_root</c>, below which Web APIs are. Default:
    /// <c>{api_scheme}://{api_host}{root_path_api}</c>.
    /// </summary>
    [Option("template of api_url_root")]
    public string ApiUrlRoot { get; set; } = "{api_scheme}://{api_host}{root_path_api}";

    /// <summary>
    /// Gets or sets the template of <c>api_url_event</c>, where the event map is. Default:
    /// <c>{api_scheme}://{api_host}{root_path_api}{api_path_event}</c>.
    /// </summary>
    [Option("template of api_url_event")]
    public string ApiUrlEvent { get; set; } = "{api_scheme}://{api_host}{root_path_api}{api_path_event}";
}
