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
        IReadOnlyList<UsageInvoice> invoices = Wait(UsageInvoice.ReadAsync(connection.Store, null, Cancel));
        // Policies may show those of whoever asks, and of everybody at once none.
        if (invoices.Count == 0 && AskingCustomer is { } customer)
            invoices = Wait(UsageInvoice.ReadAsync(connection.Store, [customer], Cancel));

        foreach (UsageInvoice invoice in invoices)
        {
            if (NameSelection.Matches(InvoiceId, invoice.InvoiceId) && NameSelection.Matches(CustomerId, invoice.CustomerId))
                WriteObject(invoice);
        }
    }
}
