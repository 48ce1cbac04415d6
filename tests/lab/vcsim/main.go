// Copyright (c) 2026 the vmc.aws_backup contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// vcsim with an empty inventory: it takes the flags of the real vcsim command that the lab uses and prints the same first line.
package main

import (
	"encoding/json"
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"

	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const capacity = int64(20) << 40

// The lab gives a machine an OVF property as an extraConfig entry, because vcsim's imports and reconfigurations leave them out.
const property = "lab.property."

// tidy makes up for what this release of the simulator leaves undone after a task.
type tidy struct{ types.ManagedObjectReference }

func (t tidy) Reference() types.ManagedObjectReference { return t.ManagedObjectReference }
func (tidy) PutObject(mo.Reference)                    {}
func (tidy) RemoveObject(types.ManagedObjectReference) {}
func (tidy) UpdateObject(o mo.Reference, _ []types.PropertyChange) {
	task, ok := simulator.Map.Get(o.Reference()).(*simulator.Task)
	if !ok || task.Info.State != types.TaskInfoStateSuccess {
		return
	}
	refs := []types.ManagedObjectReference{*task.Info.Entity}
	if ref, ok := task.Info.Result.(types.ManagedObjectReference); ok {
		refs = append(refs, ref)
	}
	for _, ref := range refs {
		if vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine); ok {
			options(vm)
			nics(vm)
		}
	}
	// CreateLocalDatastore: the simulator reports the size and the type of the disk it runs on.
	for _, e := range simulator.Map.All("Datastore") {
		if ds := e.(*simulator.Datastore); ds.Summary.Capacity != capacity {
			ds.Summary.Capacity, ds.Summary.FreeSpace = capacity, capacity
			ds.Summary.Type = string(types.HostFileSystemVolumeFileSystemTypeVsan)
		}
	}
}

// ReconfigVM_Task: the last value of an extraConfig key wins, and an empty one removes the key.
func options(vm *simulator.VirtualMachine) {
	last := map[string]int{}
	for i, o := range vm.Config.ExtraConfig {
		last[o.GetOptionValue().Key] = i
	}
	kept := []types.BaseOptionValue{}
	for i, o := range vm.Config.ExtraConfig {
		if strings.HasPrefix(o.GetOptionValue().Key, property) {
			give(vm, fmt.Sprint(o.GetOptionValue().Value))
			continue
		}
		if last[o.GetOptionValue().Key] == i && o.GetOptionValue().Value != "" {
			kept = append(kept, o)
		}
	}
	vm.Config.ExtraConfig = kept
}

func give(vm *simulator.VirtualMachine, encoded string) {
	var info types.VAppPropertyInfo
	if err := json.Unmarshal([]byte(encoded), &info); err != nil {
		log.Fatal(err)
	}
	config, ok := vm.Config.VAppConfig.(*types.VmConfigInfo)
	if !ok {
		config = &types.VmConfigInfo{}
		vm.Config.VAppConfig = config
	}
	for i := range config.Property {
		if config.Property[i].Key == info.Key {
			config.Property[i] = info
			return
		}
	}
	config.Property = append(config.Property, info)
}

// ReconfigVM_Task: guest.net follows the network cards, whose MAC addresses and networks may have been edited.
func nics(vm *simulator.VirtualMachine) {
	vm.Guest.Net = nil
	for _, d := range vm.Config.Hardware.Device {
		nic, ok := d.(types.BaseVirtualEthernetCard)
		if !ok {
			continue
		}
		card := nic.GetVirtualEthernetCard()
		net := types.GuestNicInfo{MacAddress: card.MacAddress, Connected: true, DeviceConfigId: card.Key}
		if b, ok := card.Backing.(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo); ok {
			ref := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey}
			if pg, ok := simulator.Map.Get(ref).(*simulator.DistributedVirtualPortgroup); ok {
				net.Network = pg.Name
			}
		}
		if len(vm.Guest.Net) == 0 && vm.Guest.IpAddress != "" {
			net.IpAddress = []string{vm.Guest.IpAddress}
		}
		vm.Guest.Net = append(vm.Guest.Net, net)
	}
	vm.Summary.Guest.IpAddress = vm.Guest.IpAddress
	vm.Summary.Config.NumEthernetCards = int32(len(vm.Guest.Net))
}

func main() {
	model := simulator.VPX()
	listen := flag.String("l", "127.0.0.1:0", "address to listen on")
	username := flag.String("username", "", "login user name")
	password := flag.String("password", "", "login password")
	identity := flag.String("tls", "", "speak TLS, with the certificate and key in this file")
	flag.IntVar(&model.Datacenter, "dc", 0, "datacenters to begin with")
	flag.Parse()

	// The simulator calls itself 6.5, which VMware Cloud on AWS has left behind.
	model.ServiceContent.About.Version, model.ServiceContent.About.ApiVersion = "7.0.3", "7.0.3.0"

	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*username, *password)}
	model.Service.RegisterEndpoints = true
	if *identity != "" {
		pair, err := tls.LoadX509KeyPair(*identity, *identity)
		if err != nil {
			log.Fatal(err)
		}
		model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	server := model.Service.NewServer()
	simulator.Map.AddHandler(tidy{types.ManagedObjectReference{Type: "Tidy", Value: "tidy"}})
	fmt.Printf("export GOVC_URL=%s GOVC_SIM_PID=%d\n", strings.TrimSpace(server.URL.String()), os.Getpid())
	select {}
}
