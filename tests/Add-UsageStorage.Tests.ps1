BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageStorage to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'turns bytes and hours into GB-hours, by position: <Bytes> for <Hours>' -ForEach @(
            @{ Bytes = 1073741824; Hours = 1; Quantity = '1' }
            @{ Bytes = 5368709120; Hours = 24; Quantity = '120' }
            @{ Bytes = 1; Hours = 0.5; Quantity = '0.000000000465661287' } # 0.5 / 2^30
            @{ Bytes = '1610612736'; Hours = '0.25'; Quantity = '0.375' }
            @{ Bytes = 0; Hours = 1; Quantity = '0' }
        ) {
            Add-UsageStorage $Bytes $Hours @my
            $null = Invoke-UsageFlush
            Invoke-Sql $store "select service_name, quantity from billing_usage_records where customer_id = '$customer'" | Should -Be "storage|$Quantity"
            (Get-UsageRecord @my).Metadata.bytes, (Get-UsageRecord @my).Metadata.hours | Should -Be $Bytes, $Hours
        }

        It 'is for one hour by default' {
            Add-UsageStorage 2gb @my
            $record = Get-UsageRecord @my
            $record.Quantity, $record.TotalCost | Should -Be 2, 0.002
            "$($record.Metadata)" | Should -BeExactly '{"bytes":2147483648,"hours":1}'
        }

        It 'takes files down the pipeline, folders giving an error each' {
            Set-Content $TestDrive/one.txt ('x' * 100) -NoNewline
            Set-Content $TestDrive/two.txt ('x' * 23) -NoNewline
            $null = New-Item -ItemType Directory $TestDrive/folder
            Get-ChildItem $TestDrive | Add-UsageStorage -Hours 10 @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 1
            (Get-UsageRecord @my).Metadata.bytes | Sort-Object | Should -Be 23, 100
        }

        It 'takes timestamp, unit cost, key and customer by property' {
            [pscustomobject]@{ Bytes = 1gb; Hours = 3; Timestamp = '2026-01-15'; UnitCost = '0.2'; EventKey = 'k'; CustomerId = $customer } | Add-UsageStorage
            $record = Get-UsageRecord @my -Start 2026-01-15 -End 2026-01-15
            $record.Quantity, $record.TotalCost, $record.EventKey | Should -Be 3, 0.6, 'k'
        }

        It 'has one error for a bad item, and adds the others' {
            $items = foreach ($bytes in 1gb, -1, 'big', '1,5', $null, '', 3gb) { [pscustomobject]@{ Bytes = $bytes } }
            $items | Add-UsageStorage @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 5
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidQuantity,*AddUsageStorageCommand'
            $problem.CategoryInfo.Category | Should -Be (, 'InvalidArgument' * 5)
            $problem.TargetObject.Bytes | Should -Be (-1), 'big', '1,5', $null, ''
            (Get-Usage storage @my).Quantity | Should -Be 4
            { Add-UsageStorage 1 -Hours -2 @my } | Should -Throw -ErrorId 'InvalidQuantity,*'
        }
    }
}
