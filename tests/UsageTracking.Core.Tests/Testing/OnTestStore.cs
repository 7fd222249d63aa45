using UsageTracking.Stores;

namespace UsageTracking.Tests.Testing;

/// <summary>Tests that each get a store of their own, gone after the test.</summary>
public abstract class OnTestStore(Func<Task<TestStore>> create) : IAsyncLifetime
{
    protected TestStore Test { get; private set; } = null!;

    protected IUsageStore Store => Test.Store;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => Test = await create();

    public async ValueTask DisposeAsync()
    {
        // There is none where the test was skipped.
        if (Test is not null)
            await Test.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
