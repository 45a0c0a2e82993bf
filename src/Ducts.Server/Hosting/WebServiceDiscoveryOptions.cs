using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>web_service_discovery</c>.</summary>
[Section("web_service_discovery", "ducts.server.config")]
public sealed class WebServiceDiscoveryOptions
{
    /// <summary>Template of the answer's <c>websocket_host</c>.</summary>
    [Option("template of websocket_host")]
    public string WebsocketHost { get; set; } = "{ws_host}";

    /// <summary>Template of <c>websocket_url</c>.</summary>
    [Option("template of websocket_url")]
    public string WebsocketUrl { get; set; } = "{ws_scheme}://{ws_host}{root_path_websocket}{session_id}";

    /// <summary>Template of <c>websocket_url_reconnect</c>.</summary>
    [Option("template of websocket_url_reconnect")]
    public string WebsocketUrlReconnect { get; set; } = "{ws_scheme}://{ws_host}{root_path_websocket}{session_id}/reconnect";

    /// <summary>Template of <c>api_host</c>.</summary>
    [Option("template of api_host")]
    public string ApiHost { get; set; } = "{api_host}";

    /// <summary>Template of <c>api_url_root</c>.</summary>
    [Option("template of api_url_root")]
    public string ApiUrlRoot { get; set; } = "{api_scheme}://{api_host}{root_path_api}";

    /// <summary>Template of <c>api_url_event</c>.</summary>
    [Option("template of api_url_event")]
    public string ApiUrlEvent { get; set; } = "{api_scheme}://{api_host}{root_path_api}{api_path_event}";
}
