using System.Globalization;
using System.Runtime.CompilerServices;
using Ducts.Tests.Support;
using Ducts.Topics;

namespace Ducts.Tests.Topics;

public sealed class TopicTests
{
    [Fact]
    public async Task All_subscribers_get_what_is_published_in_order_and_then_the_end()
    {
        var topic = new Topic<int>();
        var readings = Enumerable.Range(0, 200).Select(_ => ReadAsync(topic.Subscribe())).ToArray();

        for (var i = 0; i < 50; i++)
            topic.Publish(i);
        topic.Complete();

        foreach (var reading in readings)
            Assert.Equal(Enumerable.Range(0, 50), await reading);
        Assert.Equal(0, topic.SubscriberCount);
    }

    [Fact]
    public async Task Nothing_is_missed_between_subscribing_and_reading()
    {
        var topic = new Topic<string>();
        topic.Publish("before");
        var subscription = topic.Subscribe();
        topic.Publish("after");
        topic.Complete();

        Assert.Equal(["after"], await ReadAsync(subscription));
        Assert.Empty(await ReadAsync(subscription));
        Assert.Empty(await ReadAsync(topic.Subscribe()));
    }

    [Fact]
    public async Task Publishers_and_subscribers_on_many_threads_agree_on_one_order()
    {
        const int Publishers = 4;
        const int Items = 5_000;
        var topic = new Topic<(int Publisher, int Number)>(Publishers * Items);
        var readings = Enumerable.Range(0, 100).Select(_ => Task.Run(() => ReadAsync(topic.Subscribe()))).ToArray();
        await Until.TrueAsync(() => topic.SubscriberCount == readings.Length);

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(() =>
        {
            for (var i = 0; i < Items; i++)
                topic.Publish((publisher, i));
        })));
        topic.Complete();

        var first = await readings[0];
        Assert.Equal(Publishers * Items, first.Count);
        foreach (var publisher in first.GroupBy(static item => item.Publisher, static item => item.Number))
            Assert.Equal(Enumerable.Range(0, Items), publisher);
        foreach (var reading in readings)
            Assert.Equal(first, await reading);
    }

    [Fact]
    public async Task Readers_that_come_and_go_meanwhile_miss_nothing_of_their_time()
    {
        // Without a limit: the publisher does nothing else.
        var topic = new Topic<int>(int.MaxValue);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(
            () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                    topic.Publish(i);
            },
            CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 200; round++)
            {
                int? last = null;
                await foreach (var item in topic.Subscribe())
                {
                    Assert.Equal(last + 1 ?? item, item);
                    last = item;
                    if (item % 7 == 0)
                        break;
                }
            }
        })));

        await stop.CancelAsync();
        await publishing;
        Assert.Equal(0, topic.SubscriberCount);
    }

    [Fact]
    public async Task A_subscriber_that_is_too_far_behind_is_told_and_holds_nothing()
    {
        var topic = new Topic<object>(limit: 10);
        await using var slow = topic.Subscribe().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        topic.Publish("first");
        Assert.True(await slow.MoveNextAsync());
        var missed = PublishMany(topic, 12);

        // A look for those that are behind is taken when something is published.
        await Until.TrueAsync(() =>
        {
            topic.Publish("more");
            GC.Collect();
            return missed.All(static item => !item.IsAlive);
        });

        Assert.Equal("first", slow.Current);
        var exception = await Assert.ThrowsAsync<TopicLimitException>(async () => await slow.MoveNextAsync());
        Assert.Equal("The subscriber fell more than 10 items behind.", exception.Message);
    }

    [Fact]
    public async Task A_subscriber_within_the_limit_gets_everything()
    {
        var topic = new Topic<int>(limit: 10);
        var subscription = topic.Subscribe();
        for (var i = 0; i < 10; i++)
            topic.Publish(i);
        topic.Complete();

        Assert.Equal(Enumerable.Range(0, 10), await ReadAsync(subscription));
    }

    [Fact]
    public async Task A_subscriber_that_keeps_its_thread_holds_no_other_up()
    {
        var topic = new Topic<int>();
        using var release = new ManualResetEventSlim();
        var blocked = Task.Run(async () =>
        {
            await foreach (var item in topic.Subscribe())
                release.Wait(Until.Patience, CancellationToken.None);
        });
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        var reading = ReadAsync(topic.Subscribe());

        topic.Publish(1);
        topic.Publish(2);
        topic.Complete();

        Assert.Equal([1, 2], await reading.WaitAsync(Until.Patience));
        release.Set();
        await blocked;
    }

    [Fact]
    public async Task Items_that_all_have_read_are_free()
    {
        var topic = new Topic<object>();
        var subscription = topic.Subscribe();
        await using var reader = subscription.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var published = PublishMany(topic, 100);
        topic.Publish("last");
        for (var i = 0; i <= published.Length; i++)
            Assert.True(await reader.MoveNextAsync());

        GC.Collect();

        Assert.Equal("last", reader.Current);
        Assert.DoesNotContain(published, static item => item.IsAlive);
        GC.KeepAlive(subscription);
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_and_those_that_follow()
    {
        var topic = new Topic<int>();
        using var cancellation = new CancellationTokenSource();
        await using var reader = topic.Subscribe().GetAsyncEnumerator(cancellation.Token);
        var waiting = reader.MoveNextAsync();
        Assert.False(waiting.IsCompleted);

        await cancellation.CancelAsync();
        topic.Publish(1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.MoveNextAsync());
        Assert.Equal(1, topic.SubscriberCount);
        await reader.DisposeAsync();
        Assert.Equal(0, topic.SubscriberCount);
    }

    [Fact]
    public async Task An_error_that_ends_the_topic_comes_after_what_was_published()
    {
        var topic = new Topic<int>();
        var subscription = topic.Subscribe();
        topic.Publish(1);
        topic.Complete(new KeyNotFoundException("the end"));

        await using var reader = subscription.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(1, reader.Current);
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await reader.MoveNextAsync());
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await reader.MoveNextAsync());
    }

    [Fact]
    public void What_is_published_after_the_end_is_refused()
    {
        var topic = new Topic<int>();
        topic.Complete();

        Assert.Equal("The topic has been completed.", Assert.Throws<InvalidOperationException>(() => topic.Publish(1)).Message);
        Assert.Throws<InvalidOperationException>(() => topic.Complete());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_limit_is_at_least_one(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => new Topic<int>(limit));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] PublishMany(Topic<object> topic, int count)
    {
        var published = new WeakReference[count];
        for (var i = 0; i < count; i++)
        {
            var item = i.ToString(CultureInfo.InvariantCulture).PadLeft(20);
            published[i] = new WeakReference(item);
            topic.Publish(item);
        }

        return published;
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> items)
    {
        var read = new List<T>();
        await foreach (var item in items)
            read.Add(item);
        return read;
    }
}
