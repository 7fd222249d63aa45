using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageStore")]
[OutputType(typeof(UsageStoreInfo))]
public sealed class GetUsageStoreCommand : UsageCmdlet
{
    internal static UsageStoreInfo Describe(UsageCmdlet caller, StoreConnection connection, CancellationToken cancel)
    {
        try
        {
            StoreState state = connection.Store.GetStateAsync(cancel).WaitAsync(cancel).GetAwaiter().GetResult();
            return new UsageStoreInfo(Session, CustomerOf(caller), connection, state, null);
        }
        catch (UsageException error)
        {
            return new UsageStoreInfo(Session, CustomerOf(caller), connection, null, error);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd() => WriteObject(Describe(this, Session.Connection, Cancel));

    private static string? CustomerOf(UsageCmdlet caller)
    {
        try
        {
            return caller.CallersCustomer;
        }
        catch (UsageException error) when (error.Kind == UsageErrorKind.StoreUnavailable)
        {
            return null;
        }
    }
}
