using Ducts.Protocol;

namespace Ducts.Concurrency.Sessions;

/// <summary>The inbox and its pump: what waits is handled, once and in order.</summary>
public class InboxTests
{
    [Fact]
    public void Messages_that_wait_are_handled_once_each_and_in_the_order_of_who_added_them() => Exploration.Passes(
        static async () =>
        {
            using var server = new ModelServer();
            var session = await server.OpenAsync();
            var handled = server.NoteHandled();

            await ModelTasks.WhenAll(new[] { 10, 20 }.Select(first => ModelTasks.Run(() =>
            {
                var dispatch = session.Context.Dispatcher.CreateDispatch(session.Channel);
                session.Inbox.Add(WireEncoding.MessagePack, new[] { (byte)first }, dispatch);
                session.Inbox.Add(WireEncoding.MessagePack, new[] { (byte)(first + 1) }, dispatch);
            })).ToArray());
            await session.Requests.WaitNoneAsync();

            Assert.Equal([10, 11], handled.Where(static number => number < 20));
            Assert.Equal([20, 21], handled.Where(static number => number >= 20));
            Assert.Equal(0, session.Inbox.Bytes);
        },
        schedules: 600);
}
