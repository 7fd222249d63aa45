using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace UsageTracking.Files.Export;

/// <summary>Lets one thread read while another writes.</summary>
internal static class ReadAhead
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromMilliseconds(250);

    /// <summary>The same items, of which a few are fetched before they are asked for.</summary>
    public static async IAsyncEnumerable<T> Ahead<T>(this IAsyncEnumerable<T> items, int count, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(count) { SingleReader = true, SingleWriter = true });
        Task reading = Task.Run(() => ReadAsync(items, channel.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (T item in channel.Reader.ReadAllAsync(cancel))
                yield return item;
        }
        finally
        {
            await stop.CancelAsync();
            // Nobody waits for a server that does not answer.
            await Task.WhenAny(reading, Task.Delay(ClosePatience, CancellationToken.None));
        }
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> items, ChannelWriter<T> channel, CancellationToken cancel)
    {
        try
        {
            await foreach (T item in items.WithCancellation(cancel))
                await channel.WriteAsync(item, cancel);

            channel.Complete();
        }
        catch (Exception error)
        {
            // Whoever takes the items gets it.
            channel.TryComplete(error);
        }
    }
}
