using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>A socket that is open.</summary>
/// <param name="WebSocket">The socket.</param>
/// <param name="Stream">Its bytes.</param>
internal sealed record OpenSocket(ClientWebSocket WebSocket, GatheringStream Stream);
