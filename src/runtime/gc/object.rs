//! Objects of the heap in the hands of a host: making them, and reading and writing what is in them.
//!
//! Packed fields are read as unsigned `i32`s and written from the low bits of one. A value is checked against the
//! field's type before it is written, so that a host cannot break what validation promised to guest code.

use super::{By, alloc_exception};
use crate::code::heap::{Cell, HEADER, Shape};
use crate::module::{FieldType, StorageType, TypeHandle, ValType};
use crate::runtime::error::CreateError;
use crate::runtime::global;
use crate::runtime::heap_roots::HeapRef;
use crate::runtime::object::Tag;
use crate::runtime::store::{Store, StoreInner};
use crate::runtime::val::Val;
use crate::vm::gc;
pub use crate::vm::gc::ObjectKind;
use crate::vm::trap::TrapKind;

impl From<TrapKind> for CreateError {
    fn from(kind: TrapKind) -> CreateError {
        match kind {
            TrapKind::AllocationTooLarge => CreateError::Limit("the size of the object"),
            _ => CreateError::Limit("the garbage-collected heap"),
        }
    }
}

/// Reads a cell as slots.
///
/// # Safety
/// The cell is in a live object.
unsafe fn read_cell(at: *const u8, cell: Cell) -> [u64; 2] {
    // SAFETY: by the contract.
    unsafe {
        match cell.width_log2 {
            0 => [*at as u64, 0],
            1 => [at.cast::<u16>().read_unaligned() as u64, 0],
            2 => [at.cast::<u32>().read_unaligned() as u64, 0],
            3 => [at.cast::<u64>().read_unaligned(), 0],
            _ => at.cast::<[u64; 2]>().read_unaligned(),
        }
    }
}

/// Writes slots to a cell.
///
/// # Safety
/// The cell is in a live object, and the slots hold a value of its type.
pub(in crate::runtime) unsafe fn write_cell(at: *mut u8, cell: Cell, v: [u64; 2]) {
    // SAFETY: by the contract.
    unsafe {
        match cell.width_log2 {
            0 => *at = v[0] as u8,
            1 => at.cast::<u16>().write_unaligned(v[0] as u16),
            2 => at.cast::<u32>().write_unaligned(v[0] as u32),
            3 => at.cast::<u64>().write_unaligned(v[0]),
            _ => at.cast::<[u64; 2]>().write_unaligned(v),
        }
    }
}

impl StoreInner {
    /// A new structure of a type in the table, from the slots of its fields, or all zero.
    pub(in crate::runtime) fn heap_struct(
        &self,
        ty: &TypeHandle,
        fields: Option<&[[u64; 2]]>,
        held: &[u64],
    ) -> Result<u32, TrapKind> {
        let types = self.gc.types.borrow();
        let Some(Shape::Struct { size, fields: layout }) = types.get(ty.id().0).and_then(|t| t.shape()) else {
            return Err(TrapKind::Internal);
        };
        let (size, layout) = (*size as usize, layout.clone());
        drop(types);
        // SAFETY: the type is in the table; all fields are written at once.
        unsafe {
            let offset = self.heap_new(ty.id(), size as u32, size, held, By::Host)?;
            let at = gc::object(self.ctx(), offset);
            at.add(HEADER as usize).write_bytes(0, size - HEADER as usize);
            for (field, v) in layout.iter().zip(fields.into_iter().flatten()) {
                write_cell(at.add(field.offset as usize), field.cell, *v);
            }
            Ok(offset)
        }
    }

    /// A new array of a type in the table, its elements from slots: `value(i)`.
    pub(in crate::runtime) fn heap_array(
        &self,
        ty: &TypeHandle,
        len: u32,
        value: impl Fn(usize) -> [u64; 2],
        held: &[u64],
    ) -> Result<u32, TrapKind> {
        let cell = match self.gc.types.borrow().get(ty.id().0).and_then(|t| t.shape()) {
            Some(Shape::Array(cell)) => *cell,
            _ => return Err(TrapKind::Internal),
        };
        let bytes = (len as u64) << cell.width_log2;
        let size = usize::try_from(HEADER as u64 + bytes).map_err(|_| TrapKind::AllocationTooLarge)?;
        // SAFETY: the type is in the table; all elements are written at once.
        unsafe {
            let offset = self.heap_new(ty.id(), len, size, held, By::Host)?;
            let at = gc::object(self.ctx(), offset).add(HEADER as usize);
            for i in 0..len as usize {
                write_cell(at.add(i << cell.width_log2), cell, value(i));
            }
            Ok(offset)
        }
    }
}

/// The slots of values that are to become fields, checked.
fn slots(store: &StoreInner, values: &[Val], types: impl Iterator<Item = ValType>) -> Option<Vec<[u64; 2]>> {
    values.iter().zip(types).map(|(v, ty)| v.matches_in(ty, store).then(|| v.to_slots(store))).collect()
}

impl HeapRef {
    /// A structure with these fields. The type must be a structure type of the store's engine.
    pub fn new_struct(store: &Store, ty: &TypeHandle, fields: &[Val]) -> Result<HeapRef, CreateError> {
        let _turn = store.enter();
        let inner = store.inner();
        let Some(struct_ty) = ty.ty().composite.as_struct() else {
            return Err(CreateError::Invalid("type: not a structure"));
        };
        if fields.len() != struct_ty.fields.len() {
            return Err(CreateError::Invalid("number of fields"));
        }
        let field_types = struct_ty.fields.iter().map(|f| f.storage.unpacked());
        let slots = slots(inner, fields, field_types).ok_or(CreateError::Value("a field"))?;
        inner.heap_type(ty.id());
        Ok(HeapRef::new(store, inner.heap_struct(ty, Some(&slots), &[])?))
    }

    /// An array of `len` equal elements. The type must be an array type of the store's engine.
    pub fn new_array(store: &Store, ty: &TypeHandle, len: u32, init: &Val) -> Result<HeapRef, CreateError> {
        let _turn = store.enter();
        let inner = store.inner();
        let field = array_field(ty)?;
        if !init.matches_in(field.storage.unpacked(), inner) {
            return Err(CreateError::Value("the initial element"));
        }
        let v = init.to_slots(inner);
        inner.heap_type(ty.id());
        Ok(HeapRef::new(store, inner.heap_array(ty, len, |_| v, &[])?))
    }

    /// An array of these elements.
    pub fn new_array_of(store: &Store, ty: &TypeHandle, elements: &[Val]) -> Result<HeapRef, CreateError> {
        let _turn = store.enter();
        let inner = store.inner();
        let field = array_field(ty)?;
        let len = u32::try_from(elements.len()).map_err(|_| CreateError::Limit("the size of the object"))?;
        let each = core::iter::repeat(field.storage.unpacked());
        let slots = slots(inner, elements, each).ok_or(CreateError::Value("an element"))?;
        inner.heap_type(ty.id());
        Ok(HeapRef::new(store, inner.heap_array(ty, len, |i| slots[i], &[])?))
    }

    /// An exception with a payload of the tag's parameters.
    pub fn new_exception(store: &Store, tag: &Tag, payload: &[Val]) -> Result<HeapRef, CreateError> {
        let _turn = store.enter();
        let inner = store.inner();
        if !tag.as_ref().belongs_to(store) {
            return Err(CreateError::Value("the tag"));
        }
        let ty = tag.ty();
        let params = ty.as_func().map_or(&[][..], |f| &f.params);
        if payload.len() != params.len() {
            return Err(CreateError::Invalid("number of values in the payload"));
        }
        let values = slots(inner, payload, params.iter().copied()).ok_or(CreateError::Value("the payload"))?;
        let packed: Vec<u64> =
            values.iter().zip(params).flat_map(|(v, ty)| v[..ty.slots() as usize].iter().copied()).collect();
        // SAFETY: the tag is alive and of this store, and the payload is of its type.
        let exn = unsafe { alloc_exception(store.ctx(), tag.as_ref().as_ptr().cast(), packed.as_ptr(), By::Host)? };
        Ok(HeapRef::new(store, exn))
    }

    /// What the object is.
    pub fn kind(&self) -> ObjectKind {
        // SAFETY: a handle keeps its object alive.
        unsafe { gc::kind(self.store().ctx(), self.offset()) }
    }

    /// The type it was made with; of an exception, the function type of its tag.
    pub fn ty(&self) -> TypeHandle {
        let inner = self.store().inner();
        // SAFETY: a handle keeps its object alive.
        let id = unsafe { (*gc::header(inner.ctx(), self.offset())).type_id };
        inner.gc.types.borrow().get(id).expect("the type of a live object").handle().clone()
    }

    /// The number of elements of an array, or of fields of a structure.
    pub fn len(&self) -> u32 {
        let ty = self.ty();
        match ty.ty().composite.as_struct() {
            Some(s) => s.fields.len() as u32,
            // SAFETY: a handle keeps its object alive.
            None if self.kind() == ObjectKind::Array => unsafe {
                (*gc::header(self.store().ctx(), self.offset())).extent
            },
            None => 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell of a field or an element.
    fn cell(&self, i: u32) -> Option<(*mut u8, Cell, FieldType)> {
        if i >= self.len() {
            return None;
        }
        let ty = self.ty();
        let inner = self.store().inner();
        let types = inner.gc.types.borrow();
        let composite = &ty.ty().composite;
        let (offset, cell, field) = match types.get(ty.id().0)?.shape()? {
            Shape::Struct { fields, .. } => {
                let f = fields[i as usize];
                (f.offset as usize, f.cell, composite.as_struct()?.fields[i as usize])
            }
            Shape::Array(cell) => {
                (HEADER as usize + ((i as usize) << cell.width_log2), *cell, composite.as_array()?.field)
            }
        };
        // SAFETY: a handle keeps its object alive; the cell is inside it.
        Some((unsafe { gc::object(inner.ctx(), self.offset()).add(offset) }, cell, field))
    }

    /// A field of a structure, or an element of an array; none beyond the last.
    pub fn get(&self, i: u32) -> Option<Val> {
        let _turn = self.store().enter();
        let (at, cell, field) = self.cell(i)?;
        // SAFETY: the cell is in a live object and holds a value of its type.
        unsafe {
            let v = read_cell(at, cell);
            Some(match field.storage {
                StorageType::I8 | StorageType::I16 => Val::I32(v[0] as i32),
                StorageType::Val(ty) => Val::read(v.as_ptr(), ty, self.store()),
            })
        }
    }

    /// Writes a field of a structure, or an element of an array. False beyond the last, for one that cannot be changed,
    /// and for a value of the wrong type or store.
    #[must_use]
    pub fn set(&self, i: u32, value: &Val) -> bool {
        let _turn = self.store().enter();
        let inner = self.store().inner();
        match self.cell(i) {
            Some((at, cell, field)) if field.mutable && value.matches_in(field.storage.unpacked(), inner) => {
                // SAFETY: the cell is in a live object, and the value is of its type.
                unsafe { write_cell(at, cell, value.to_slots(inner)) };
                true
            }
            _ => false,
        }
    }

    /// The tag of an exception.
    pub fn tag(&self) -> Option<Tag> {
        // SAFETY: a handle keeps its object alive, and an exception its tag.
        (self.kind() == ObjectKind::Exception)
            .then(|| unsafe { global::tag_handle(gc::exception_tag(self.store().ctx(), self.offset())) })
    }

    /// The payload of an exception.
    pub fn payload(&self) -> Option<Vec<Val>> {
        let _turn = self.store().enter();
        let ty = self.ty();
        let params = &ty.ty().as_func()?.params;
        // SAFETY: a handle keeps its object alive; only exceptions have function types, and payloads of them.
        unsafe {
            let mut at = gc::exception_payload(self.store().ctx(), self.offset());
            let mut values = Vec::with_capacity(params.len());
            for &ty in params {
                values.push(Val::read(at, ty, self.store()));
                at = at.add(ty.slots() as usize);
            }
            Some(values)
        }
    }
}

fn array_field(ty: &TypeHandle) -> Result<FieldType, CreateError> {
    ty.ty().composite.as_array().map(|a| a.field).ok_or(CreateError::Invalid("type: not an array"))
}
