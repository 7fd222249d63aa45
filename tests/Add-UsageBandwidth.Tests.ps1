BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageBandwidth to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'turns bytes into GB: <Bytes>' -ForEach @(
            @{ Bytes = 1073741824; Quantity = '1' }
            @{ Bytes = 1; Quantity = '0.000000000931322575' } # 2^-30
            @{ Bytes = '203023'; Quantity = '0.000189079903066158' } # 203023 / 2^30
            @{ Bytes = 0; Quantity = '0' }
        ) {
            Add-UsageBandwidth $Bytes @my
            $null = Invoke-UsageFlush
            Invoke-Sql $store "select service_name, quantity from billing_usage_records where customer_id = '$customer'" | Should -Be "bandwidth|$Quantity"
            (Get-UsageRecord @my).Metadata.bytes | Should -Be $Bytes
        }

        It 'is egress by default, ingress by position' {
            Add-UsageBandwidth 1 @my
            Add-UsageBandwidth 2 Ingress @my
            Get-UsageRecord @my | Sort-Object Quantity | ForEach-Object { "$($_.Metadata)" } |
                Should -BeExactly '{"bytes":1,"direction":"egress"}', '{"bytes":2,"direction":"ingress"}'
        }

        It 'takes files and objects down the pipeline' {
            Set-Content $TestDrive/one.txt ('x' * 100) -NoNewline
            Get-Item $TestDrive/one.txt | Add-UsageBandwidth -Direction Ingress @my
            [pscustomobject]@{ Bytes = 7; Direction = 'ingress'; Timestamp = [datetimeoffset]::UtcNow; EventKey = 'k'; UnitCost = 2 } | Add-UsageBandwidth @my
            (Get-UsageRecord @my).Metadata.bytes | Sort-Object | Should -Be 7, 100
            (Get-UsageRecord @my).Metadata.direction | Should -Be ingress, ingress
        }

        It 'refuses another direction' {
            { Add-UsageBandwidth 1 Sideways @my } | Should -Throw -ExpectedMessage '*Egress, Ingress*'
        }

        It 'has one error for a bad item, and adds the others' {
            $items = foreach ($bytes in 1gb, '-', '1e400', '1.000,5', 1gb) { [pscustomobject]@{ Bytes = $bytes } }
            $items | Add-UsageBandwidth @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidQuantity,*AddUsageBandwidthCommand'
            $problem.TargetObject.Bytes | Should -Be '-', '1e400', '1.000,5'
            (Get-Usage bandwidth @my).Quantity | Should -Be 2
        }
    }
}
