using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Tests.Dispatch;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Connections;

/// <summary>A client that sends without a pause, and the thread on which its messages are handled.</summary>
public sealed class FairnessTests
{
    private const int Messages = 1000;

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public async Task A_loop_that_finds_the_next_message_whenever_it_has_handled_one_lets_others_go_first_now_and_then(int milliseconds, bool leaves)
    {
        var time = new HandledTime();
        await using var server = new Server(() => time.PutForward(TimeSpan.FromMilliseconds(milliseconds)), time);
        using var stream = new ReadyStream(Masked(DispatchHarness.Pack((object?)null)), Messages);

        var threads = new CountedTurns();
        await threads.RunAsync(() => server.ReceiveAsync(stream));

        Assert.Equal(Messages, server.Handled);
        if (leaves)
            Assert.InRange(threads.Turns, 1 + (Messages / 64), Messages);
        else
            Assert.Equal(1, threads.Turns);
    }

    private static byte[] Masked(byte[] message)
    {
        // A mask of zeros changes nothing.
        Assert.InRange(message.Length, 1, 125);
        return [0x82, (byte)(0x80 | message.Length), 0, 0, 0, 0, .. message];
    }

    /// <summary>A server without sockets, and one session.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private const int EventId = 1000;

        private readonly ServiceProvider _provider;
        private readonly Session _session;

        public Server(Action handler, TimeProvider time)
        {
            var services = new ServiceCollection();
            services.AddSingleton<IConfiguration>(new ConfigurationManager());
            services.AddSingleton(time);
            services.AddDucts();
            _provider = services.BuildServiceProvider();
            var mapped = MappedEvent.Of(EventId, "HANDLED", void () => Handle(handler), _provider.GetRequiredService<WireSerializer>());
            _provider.GetRequiredService<HandlerRegistry>().Swap(new HandlerSnapshot([mapped.Spec], [], [new EventEntry(mapped.Spec, mapped.Invoker!, mapped.Code)]));
            _session = new Session(_provider.GetRequiredService<SessionContext>(), new SessionTicket("1646561146154-0", SessionFields.Empty), new SessionUser());
        }

        public int Handled { get; private set; }

        /// <summary>Reads a connection to its end.</summary>
        public async Task ReceiveAsync(Stream stream)
        {
            using var connection = _provider.GetRequiredService<ConnectionFactory>().Create(_session, WebSocketTransport.Over(stream, static () => { }));
            Assert.True(await new ReceiveLoop(connection, _provider.GetRequiredService<DispatchWatch>(), new MessageReader(maxMessageSize: 1024)).RunAsync());
        }

        public async ValueTask DisposeAsync()
        {
            _session.Dispose();
            await _provider.DisposeAsync();
        }

        private void Handle(Action handler)
        {
            Handled++;
            handler();
        }
    }

    /// <summary>Has the same frame so many times, all of it ready to be read, then ends.</summary>
    private sealed class ReadyStream(byte[] frame, int count) : MemoryStream([.. Enumerable.Repeat(frame, count).SelectMany(static bytes => bytes)]);

    private sealed class HandledTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void PutForward(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

        // Nobody takes a loop over because the machine was slow.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>Counts how often what runs is given a thread.</summary>
    private sealed class CountedTurns : SynchronizationContext
    {
        private int _turns;

        public int Turns => Volatile.Read(ref _turns);

        public Task RunAsync(Func<Task> work)
        {
            var over = new TaskCompletionSource();
            Post(
                async _ =>
                {
                    try
                    {
                        await work();
                        over.SetResult();
                    }
                    catch (Exception exception)
                    {
                        over.SetException(exception);
                    }
                },
                null);
            return over.Task;
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _turns);
            ThreadPool.QueueUserWorkItem(_ =>
            {
                var before = Current;
                SetSynchronizationContext(this);
                d(state);
                SetSynchronizationContext(before);
            });
        }
    }
}
