using System.Reflection;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Testing;

/// <summary>A real store whose answer to a write can get lost after the write was committed, as with a connection that breaks.</summary>
public class LosesReplies : DispatchProxy
{
    private IUsageStore _store = null!;
    private Func<UsageChunk, bool> _loses = null!;

    /// <summary>Puts this between a store and whoever uses it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="loses">Called before a write; returns whether its reply is to be lost.</param>
    public static IUsageStore Around(IUsageStore store, Func<UsageChunk, bool> loses)
    {
        IUsageStore proxy = Create<IUsageStore, LosesReplies>();
        ((LosesReplies)(object)proxy)._store = store;
        ((LosesReplies)(object)proxy)._loses = loses;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IUsageStore.WriteAsync)
        ? WriteAsync((UsageChunk)args![0]!, (CancellationToken)args[1]!)
        : targetMethod.Invoke(_store, args);

    private async Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel)
    {
        bool lose = _loses(chunk);
        ChunkOutcome outcome = await _store.WriteAsync(chunk, cancel);
        return lose ? throw new UsageException(UsageErrorKind.StoreUnavailable, "StoreUnavailable", "The reply was lost.") : outcome;
    }
}
