using System.Buffers;
using System.Security.Claims;
using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Dispatch;

/// <summary>A request's way through a server, from a message's bytes to the frame that answers it, without a socket.</summary>
internal sealed class DispatchHarness : IAsyncDisposable
{
    private const int EventId = 1000;

    private readonly ServiceProvider _provider;
    private readonly Session _session;
    private readonly Connection _connection;
    private readonly IMessageDispatch _dispatch;

    /// <summary>Creates a server and a session.</summary>
    /// <param name="handler">Answers the event.</param>
    /// <param name="user">The session's user; null for none.</param>
    /// <param name="metadata">What the event declares.</param>
    public DispatchHarness(Delegate handler, ClaimsPrincipal? user = null, params object[] metadata)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationManager());
        // Nobody is there to confirm anything.
        services.AddDucts(static options => options.WebSocketServer.Resend = ResendMode.None);
        _provider = services.BuildServiceProvider();

        var mapped = MappedEvent.Of(EventId, "UNDER_TEST", handler, _provider.GetRequiredService<WireSerializer>());
        var description = new EventDescription(mapped.Spec, new EndpointMetadataCollection(metadata), _provider.GetRequiredService<WireSerializer>().Options);
        var decorate = _provider.GetRequiredService<EventDecorations>().ReadAsync(description, []).GetAwaiter().GetResult();
        _provider.GetRequiredService<HandlerRegistry>().Swap(new HandlerSnapshot([mapped.Spec], [], [decorate(new EventEntry(mapped.Spec, mapped.Invoker!, mapped.Code))]));

        var ticket = new SessionTicket("1646561146154-0", SessionFields.Empty);
        _session = new Session(_provider.GetRequiredService<SessionContext>(), ticket, user is null ? new SessionUser() : new SessionUser(user));
        _connection = _provider.GetRequiredService<ConnectionFactory>().Create(_session, WebSocketTransport.Over(Stream.Null, static () => { }));
        _session.Outbox.Attach(_connection);
        _dispatch = _provider.GetRequiredService<Dispatcher>().CreateDispatch(_session.Channel);
    }

    /// <summary>Packs a request to the handler.</summary>
    public static byte[] Pack<T>(T data) => Pack(1, data);

    /// <summary>Packs a request to the handler under an id.</summary>
    public static byte[] Pack<TId, T>(TId requestId, T data)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.Flush();
        PackSerializer.Serialize(bytes, requestId);
        PackSerializer.Serialize(bytes, EventId);
        PackSerializer.Serialize(bytes, data);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Dispatches a message and takes out what answers it at once.</summary>
    /// <returns>How many bytes were to be sent.</returns>
    public int Dispatch(ReadOnlyMemory<byte> message)
    {
        Send(message);
        return Take(Stream.Null);
    }

    /// <summary>Dispatches a message.</summary>
    public void Send(ReadOnlyMemory<byte> message) => _dispatch.Dispatch(WireEncoding.MessagePack, message, credit: 0);

    /// <summary>Does what a socket does: takes what waits, and lets go of it.</summary>
    /// <returns>How many bytes it was.</returns>
    public int Take(Stream socket)
    {
        var taken = 0;
        while (_session.Outbox.TryTake(_connection, out var chunk))
        {
            taken += chunk!.Length;
            socket.Write(chunk.Bytes.Span);
            _session.Outbox.Release(chunk);
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _session.Dispose();
        await _provider.DisposeAsync();
    }
}
