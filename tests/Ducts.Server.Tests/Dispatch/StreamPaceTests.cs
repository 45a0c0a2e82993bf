using Ducts.Dispatch;

namespace Ducts.Tests.Dispatch;

public sealed class StreamPaceTests
{
    private static readonly TimeSpan Short = StreamPace.ShortWait - TimeSpan.FromMicroseconds(1);

    private readonly Clock _clock = new();
    private StreamPace _pace;

    public StreamPaceTests() => _pace = new StreamPace(_clock);

    [Fact]
    public void The_first_items_leave_one_by_one_and_those_of_a_rapid_succession_together()
    {
        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            Assert.False(MayWait(Short));
        }

        Assert.True(MayWait(Short));
        Assert.True(MayWait(Short));
    }

    [Fact]
    public void A_longer_wait_ends_the_succession()
    {
        BeginSuccession();
        Assert.True(MayWait(StreamPace.ShortWait));

        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            Assert.False(MayWait(Short));
        }

        Assert.True(MayWait(Short));
    }

    [Fact]
    public void No_item_of_a_succession_waits_longer_than_the_limit()
    {
        BeginSuccession();
        var sent = TimeSpan.Zero;
        // Of the write that began it, the time until the next item.
        var since = Short;

        for (var i = 0; i < 1_000; i++)
        {
            if (MayWait(Short))
            {
                since += Short;
            }
            else
            {
                sent = TimeSpan.FromTicks(Math.Max(sent.Ticks, since.Ticks));
                since = Short;
            }
        }

        Assert.InRange(sent, StreamPace.MaxDelay, StreamPace.MaxDelay + Short);
    }

    [Fact]
    public void The_time_of_a_write_is_no_time_of_waiting()
    {
        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            Assert.False(_pace.BeginWait());
            _clock.Advance(TimeSpan.FromSeconds(1));
            _pace.NoteSent();
            _clock.Advance(Short);
            _pace.EndWait(cameMeanwhile: false);
        }

        Assert.True(MayWait(Short));
    }

    [Fact]
    public void A_clock_that_stands_still_makes_no_succession()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.False(MayWait(TimeSpan.Zero));
        }
    }

    [Fact]
    public void Items_that_another_thread_makes_during_the_writes_make_a_succession()
    {
        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            Assert.False(_pace.BeginWait());
            _pace.NoteSent();
            _pace.EndWait(cameMeanwhile: true);
        }

        Assert.True(_pace.BeginWait());
    }

    [Fact]
    public void A_wait_that_is_shorter_than_a_time_span_can_tell_is_short()
    {
        var clock = new NanosecondClock();
        _pace = new StreamPace(clock);
        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            Assert.False(_pace.BeginWait());
            _pace.NoteSent();
            clock.Now += 99;
            _pace.EndWait(cameMeanwhile: false);
        }

        Assert.True(_pace.BeginWait());
    }

    private void BeginSuccession()
    {
        for (var i = 0; i < StreamPace.RapidAfter; i++)
        {
            MayWait(Short);
        }
    }

    private bool MayWait(TimeSpan wait)
    {
        var may = _pace.BeginWait();
        if (!may)
        {
            _pace.NoteSent();
        }

        _clock.Advance(wait);
        _pace.EndWait(cameMeanwhile: false);
        return may;
    }

    private sealed class NanosecondClock : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => Now;
    }

    private sealed class Clock : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
