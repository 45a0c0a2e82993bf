using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Ducts.Tests.Support;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.WebApis;

/// <summary>When the items of a Web API's sequence leave.</summary>
public sealed class SequencePaceTests
{
    private static readonly TimeSpan Rapid = TimeSpan.FromMicroseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(5);

    private readonly HandClock _clock = new();
    private readonly NotingBody _body = new();
    private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Items_in_rapid_succession_leave_together()
    {
        await WriteAsync(Items(1000, Rapid));
        Assert.Equal(string.Concat(Enumerable.Range(1, 1000).Select(static i => $"{i}\n")), _body.Written);
        // One by one, there are a thousand.
        Assert.InRange(_body.Flushes.Count, 10, 100);
        // How many are together by then depends on the threads.
        Assert.StartsWith("1\n", _body.Flushes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_that_are_slow_leave_at_once()
    {
        await WriteAsync(Items(50, Slow));
        Assert.Equal(Enumerable.Range(1, 50).Select(static i => $"{i}\n"), _body.Flushes);
    }

    [Fact]
    public async Task What_has_gathered_when_a_rapid_succession_pauses_leaves_by_the_timer()
    {
        var writing = WriteAsync(Paused());
        await _paused.Task;
        Assert.DoesNotContain("20\n", _body.Sent, StringComparison.Ordinal);
        await Until.TrueAsync(() => FireAndSee("20\n"));
        _next.SetResult();
        await writing;
        Assert.EndsWith("20\n21\n", _body.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_that_comes_while_the_timer_sends_waits_for_that()
    {
        var writing = WriteAsync(Paused());
        await _paused.Task;
        _body.Hold = new TaskCompletionSource();
        await Until.TrueAsync(FireAndHold);
        _next.SetResult();
        Assert.EndsWith("20\n", _body.Written, StringComparison.Ordinal);
        _body.Hold.SetResult();
        await writing;
        Assert.EndsWith("20\n", _body.Flushes[^2], StringComparison.Ordinal);
        Assert.Equal("21\n", _body.Flushes[^1]);
    }

    [Fact]
    public async Task What_the_timer_could_not_send_breaks_the_answer_off()
    {
        var writing = WriteAsync(Paused());
        await _paused.Task;
        _body.Hold = new TaskCompletionSource();
        await Until.TrueAsync(FireAndHold);
        _body.Hold.SetException(new IOException("gone"));
        _next.SetResult();
        await Assert.ThrowsAsync<IOException>(() => writing);
    }

    // The writer may not have begun to wait: it sets the timer again then.
    private bool FireAndSee(string end)
    {
        _clock.Fire();
        return _body.Sent.EndsWith(end, StringComparison.Ordinal);
    }

    private bool FireAndHold()
    {
        _clock.Fire();
        return _body.IsHeld;
    }

    private async IAsyncEnumerable<int> Paused()
    {
        await foreach (var item in Items(20, Rapid))
            yield return item;
        _paused.SetResult();
        await _next.Task;
        yield return 21;
    }

    private async IAsyncEnumerable<int> Items(int count, TimeSpan wait)
    {
        for (var i = 1; i <= count; i++)
        {
            await Task.Yield();
            _clock.Advance(wait);
            yield return i;
        }
    }

    private Task WriteAsync(IAsyncEnumerable<int> items)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        var context = new DefaultHttpContext { RequestServices = services.BuildServiceProvider() };
        context.Features.Set<IHttpResponseBodyFeature>(_body);
        context.Request.Headers.Accept = "application/x-ndjson";
        return new SequenceResult<int>(items, JsonSerializerOptions.Web).ExecuteAsync(context);
    }

    /// <summary>A clock whose one timer the test fires.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long _now = 1;
        private TimerCallback? _callback;
        private object? _state;
        private volatile bool _isSet;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

        public void Fire()
        {
            if (!_isSet)
                return;
            _isSet = false;
            _callback!(_state);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return new HandTimer(this);
        }

        private sealed class HandTimer(HandClock clock) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock._isSet = true;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>A response's body that notes what each flush has sent.</summary>
    private sealed class NotingBody : PipeWriter, IHttpResponseBodyFeature
    {
        private readonly ArrayBufferWriter<byte> _written = new();
        private int _sent;

        public List<string> Flushes { get; } = [];

        /// <summary>What flushes wait for; null for nothing.</summary>
        public TaskCompletionSource? Hold { get; set; }

        /// <summary>Whether a flush waits, or has.</summary>
        public bool IsHeld { get; private set; }

        public string Written => Encoding.UTF8.GetString(_written.WrittenSpan);

        public string Sent => Encoding.UTF8.GetString(_written.WrittenSpan[.._sent]);

        public Stream Stream => throw new NotSupportedException();

        public PipeWriter Writer => this;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (Hold is { } hold)
            {
                IsHeld = true;
                await hold.Task;
            }

            Flushes.Add(Encoding.UTF8.GetString(_written.WrittenSpan[_sent..]));
            _sent = _written.WrittenCount;
            return default;
        }

        public override void Advance(int bytes) => _written.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

        public override void CancelPendingFlush() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
