using Ducts.Connections;

namespace Ducts.Tests.Support;

/// <summary>A frame that a server has sent.</summary>
internal sealed record Frame(Opcode Opcode, bool Final, byte[] Payload);
