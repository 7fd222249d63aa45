using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageInvoice")]
[OutputType(typeof(UsageInvoice))]
public sealed class GetUsageInvoiceCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] InvoiceId { get; set; } = ["*"];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] CustomerId { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        foreach (UsageInvoice invoice in Wait(UsageInvoice.ReadAsync(connection.Store, null, Cancel)))
        {
            if (NameSelection.Matches(InvoiceId, invoice.InvoiceId) && NameSelection.Matches(CustomerId, invoice.CustomerId))
                WriteObject(invoice);
        }
    }
}
