using System.Buffers;
using System.Text;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client.Tests;

public sealed class ExchangeTests : IDisposable
{
    private const int Limit = 100;

    private readonly ManualTime _time = new();
    private readonly Exchange _exchange;
    private int _wakes;

    public ExchangeTests() => _exchange = new Exchange(Limit, _time, () => _wakes++);

    public void Dispose() => _exchange.Dispose();

    [Fact]
    public void The_first_hello_has_no_life_and_further_ones_count_the_attempts()
    {
        Assert.Equal("{\"key\":\"k\",\"received\":0,\"attempt\":1}", Hello());
        Assert.Equal("{\"key\":\"k\",\"received\":0,\"attempt\":2}", Hello());
        Welcome(0);
        _exchange.Process(1);
        Assert.Equal("{\"key\":\"k\",\"received\":1,\"life\":\"life\",\"attempt\":3}", Hello());
    }

    [Fact]
    public void Messages_are_sent_in_the_order_of_their_numbers()
    {
        Open();
        Assert.Equal([1, 2, 3], [Add("a"), Add("b"), _exchange.AddUrgent(Pooled("c"))]);
        Assert.Equal(["a", "b", "c"], Sent());
        Assert.Empty(Sent());
    }

    [Fact]
    public void After_welcome_all_is_sent_again_that_the_server_has_not_received()
    {
        Open();
        foreach (var text in "abcd")
            Add(text.ToString());
        Assert.Equal(["a", "b", "c"], Sent(3));
        Hello();
        Welcome(1);
        Assert.Equal(["b", "c", "d"], Sent());
        Hello();
        Welcome(4);
        Assert.Empty(Sent());
    }

    [Fact]
    public void A_credit_and_its_request_stay_together_wherever_the_connection_is_lost()
    {
        Open();
        Assert.Equal(2, _exchange.Add(Pooled("request"), Pooled("credit")));
        _exchange.AddUrgent(Pooled("cancel"));
        for (var received = 0; received < 3; received++)
        {
            Assert.Equal(new[] { "credit", "request", "cancel" }.Skip(Math.Max(0, received - 1)), Sent());
            Hello();
            Welcome(received);
        }

        Assert.Equal(["cancel"], Sent());
    }

    [Theory]
    [InlineData(3, "life")]
    [InlineData(0, "life")]
    [InlineData(1, "other")]
    public void Numbers_that_do_not_fit_end_the_session(long received, string life)
    {
        Open();
        foreach (var text in "abc")
            Add(text.ToString());
        Sent(2);
        Assert.True(_exchange.TryConfirm(1));
        Hello();
        Assert.Equal(WelcomeOutcome.OutOfRange, _exchange.Take(new Welcome(received, life, IsLost: false)));
    }

    [Fact]
    public void A_receipt_of_what_has_not_been_sent_is_refused()
    {
        Open();
        Add("a");
        Add("b");
        Sent(1);
        Assert.False(_exchange.TryConfirm(2));
        Assert.True(_exchange.TryConfirm(1));
        Assert.True(_exchange.TryConfirm(0));
    }

    [Fact]
    public void A_state_that_is_lost_begins_from_one_again_in_both_directions()
    {
        Open();
        Add("a");
        Sent();
        _exchange.Process(1);
        Hello();
        Assert.Equal(WelcomeOutcome.BegunAnew, _exchange.Take(new Welcome(0, "second", IsLost: true)));
        Assert.Empty(Sent());
        Assert.Equal(1, Add("b"));
        Assert.Equal(["b"], Sent());
        Assert.Equal("{\"key\":\"k\",\"received\":0,\"life\":\"second\",\"attempt\":3}", Hello());
        Assert.Equal(WelcomeOutcome.OutOfRange, _exchange.Take(new Welcome(1, "third", IsLost: true)));
    }

    [Fact]
    public void Very_many_small_messages_are_no_reason_to_confirm_at_once()
    {
        Open();
        for (var i = 0; i < 1000; i++)
            _exchange.Process(1);
        Assert.Equal(0, _wakes);
        Assert.Empty(Sent());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _wakes);
        Assert.Equal(["R1000"], Sent());
    }

    [Fact]
    public void A_receipt_goes_along_with_whatever_is_sent()
    {
        Open();
        _exchange.Process(1);
        Add("a");
        Add("b");
        Assert.True(_exchange.TryNext(out var receipt, out var message));
        Assert.Equal(1, MessagePackElement.Parse(receipt.ToArray())[2].GetInt64());
        Assert.Equal("a", Encoding.UTF8.GetString(message.Span));
        _exchange.Sent();
        Assert.Equal(["b"], Sent());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _wakes);
        Assert.Empty(Sent());
        _exchange.Process(1);
        _exchange.AddUrgent(Pooled("cancel"));
        Assert.Equal(["R2", "cancel"], Sent());
    }

    [Fact]
    public void Many_bytes_are_confirmed_at_once()
    {
        Open();
        _exchange.Process((64 * 1024) - 1);
        Assert.Empty(Sent());
        _exchange.Process(1);
        Assert.Equal(1, _wakes);
        Assert.Equal(["R2"], Sent());
        _exchange.Process(64 * 1024);
        Assert.Equal(["R3"], Sent());
    }

    [Fact]
    public void A_message_is_confirmed_after_a_second()
    {
        Open();
        _exchange.Process(1);
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(Sent());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["R1"], Sent());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Sent());
    }

    [Fact]
    public void The_second_is_that_of_the_oldest_message_that_is_not_confirmed()
    {
        Open();
        _exchange.Process(64 * 1024);
        Sent();
        _time.Advance(TimeSpan.FromSeconds(0.5));
        _exchange.Process(1);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Empty(Sent());
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(["R2"], Sent());
    }

    [Fact]
    public void Hello_confirms_and_no_receipt_says_the_same_again()
    {
        Open();
        for (var i = 0; i < 64; i++)
            _exchange.Process(1024);
        Assert.Contains("\"received\":64,", Hello(), StringComparison.Ordinal);
        Welcome(0);
        Assert.Empty(Sent());
    }

    [Fact]
    public void There_is_room_for_any_message_below_the_limit_and_for_none_from_it_on()
    {
        Open();
        Add(new string('a', 99));
        Assert.True(_exchange.HasRoom());
        _exchange.AddUrgent(Pooled(new string('c', 500)));
        Assert.True(_exchange.HasRoom());
        Add("a");
        Assert.False(_exchange.HasRoom());
        Assert.Equal(3, Sent().Count);
        Assert.True(_exchange.TryConfirm(1));
        Add(new string('b', 1000));
        Assert.False(_exchange.HasRoom());
    }

    [Fact]
    public void A_receipt_that_makes_room_wakes_who_waits_for_it()
    {
        Open();
        Add(new string('a', 60));
        Add(new string('b', 150));
        Add("c");
        Sent();
        Assert.True(_exchange.TryConfirm(0));
        Assert.False(_exchange.HasRoom());
        Assert.True(_exchange.TryConfirm(1));
        Assert.Equal(0, _wakes);
        Assert.True(_exchange.TryConfirm(2));
        Assert.Equal(1, _wakes);
        Assert.True(_exchange.HasRoom());
        Assert.True(_exchange.TryConfirm(3));
        Assert.Equal(1, _wakes);
    }

    [Fact]
    public void What_welcome_confirms_is_not_kept_but_counts_until_a_receipt_or_an_answer_confirms_it()
    {
        Open();
        Add(new string('a', 60));
        Add(new string('b', 60));
        Add("c");
        Sent(2);
        Hello();
        Welcome(2);
        Assert.Equal(["c"], Sent());
        Assert.False(_exchange.HasRoom());
        Hello();
        Welcome(3);
        Assert.Empty(Sent());
        Assert.False(_exchange.HasRoom());
        _exchange.Answered(1);
        Assert.Equal(1, _wakes);
        Assert.True(_exchange.HasRoom());
        Add(new string('d', 50));
        Assert.False(_exchange.HasRoom());
        Assert.True(_exchange.TryConfirm(3));
        Assert.True(_exchange.HasRoom());
    }

    [Fact]
    public void Welcome_may_not_take_back_what_an_earlier_one_confirmed()
    {
        Open();
        Add("a");
        Add("b");
        Sent();
        Hello();
        Welcome(2);
        Hello();
        Assert.Equal(WelcomeOutcome.OutOfRange, _exchange.Take(new Welcome(1, "life", IsLost: false)));
    }

    [Fact]
    public void Very_many_messages_can_count_on_after_welcome()
    {
        Open();
        for (var i = 0; i < 100; i++)
            Add("a");
        Sent();
        Hello();
        Welcome(100);
        for (var i = 0; i < 100; i++)
            Add("b");
        Assert.Equal(100, Sent().Count);
        Assert.True(_exchange.TryConfirm(100));
        Assert.False(_exchange.HasRoom());
        Assert.True(_exchange.TryConfirm(101));
        Assert.True(_exchange.HasRoom());
    }

    [Fact]
    public void A_message_that_was_refused_counts_no_more_while_those_before_it_do()
    {
        Open();
        Add(new string('a', 60));
        Add(new string('b', 500));
        Sent();
        Hello();
        Welcome(2);
        Assert.False(_exchange.HasRoom());
        _exchange.Refused(2);
        Assert.Equal(1, _wakes);
        Assert.True(_exchange.HasRoom());
        _exchange.Refused(2);
        _exchange.Refused(0);
        _exchange.Refused(7);
        Add(new string('c', 40));
        Assert.False(_exchange.HasRoom());
        Sent();
        Assert.True(_exchange.TryConfirm(2));
        Assert.True(_exchange.HasRoom());
    }

    [Fact]
    public void An_answer_is_the_receipt_of_its_request_and_of_what_was_sent_before()
    {
        Open();
        Add(new string('a', 60));
        Add(new string('b', 60));
        Add("c");
        Sent();
        Assert.False(_exchange.HasRoom());
        _exchange.Answered(2);
        Assert.True(_exchange.HasRoom());
        _exchange.Answered(1);
        Hello();
        Welcome(2);
        Assert.Equal(["c"], Sent());
    }

    [Fact]
    public void What_is_confirmed_while_it_is_being_sent_stays_as_it_is()
    {
        Open();
        Add("the first message");
        Assert.True(_exchange.TryNext(out _, out var sending));
        Assert.True(_exchange.TryConfirm(1));
        var others = Enumerable.Range(0, 8).Select(_ => Pooled("another message!!")).ToList();
        Assert.Equal("the first message", Encoding.UTF8.GetString(sending.Span));
        _exchange.Sent();
        others.ForEach(static other => ArrayPool<byte>.Shared.Return(other.Array!));
    }

    [Fact]
    public void Very_many_messages_can_wait_for_their_receipts()
    {
        Open();
        for (var i = 1; i <= 1000; i++)
        {
            _exchange.AddUrgent(Pooled($"{i}"));
            if (i % 3 == 0)
            {
                Assert.Single(Sent(1));
                Assert.True(_exchange.TryConfirm(i / 6));
            }
        }

        Hello();
        Welcome(333);
        Assert.Equal(Enumerable.Range(334, 667).Select(static i => $"{i}"), Sent());
    }

    private static ArraySegment<byte> Pooled(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        return new ArraySegment<byte>(bytes, 0, Encoding.UTF8.GetBytes(text, bytes));
    }

    private void Open()
    {
        Hello();
        Welcome(0);
    }

    private string Hello()
    {
        var output = new ArrayBufferWriter<byte>();
        _exchange.WriteHello(output, "k");
        var message = MessagePackElement.Parse(output.WrittenMemory.ToArray());
        Assert.Equal((true, 13), (message[0].IsNil, message[1].GetInt32()));
        return message[2].ToString();
    }

    private void Welcome(long received) => Assert.Equal(WelcomeOutcome.Resumed, _exchange.Take(new Welcome(received, "life", IsLost: false)));

    private long Add(string text) => _exchange.Add(Pooled(text));

    /// <summary>What the connection is given; receipts as R and their number.</summary>
    private List<string> Sent(int count = int.MaxValue)
    {
        var sent = new List<string>();
        while (sent.Count < count && _exchange.TryNext(out var receipt, out var message))
        {
            if (receipt.Length > 0)
                sent.Add($"R{MessagePackElement.Parse(receipt.ToArray())[2].GetInt64()}");
            if (message.Length > 0)
                sent.Add(Encoding.UTF8.GetString(message.Span));
            _exchange.Sent();
        }

        return sent;
    }
}
